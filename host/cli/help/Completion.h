// Shell completion, made from the verbs and options that the command line really has.
#pragma once

#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace tenon::host {

// `shell`: bash, zsh or fish.
std::string completionScript(const CLI::App& app, std::string_view shell);

}  // namespace tenon::host
