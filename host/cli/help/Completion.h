// Shell completion, made from the verbs and options that the command line really has.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace tenon::host {

// All of them, also what --help does not show.
std::vector<const CLI::App*> subcommandsOf(const CLI::App& app);

// `shell`: bash, zsh or fish.
std::string completionScript(const CLI::App& app, std::string_view shell);

}  // namespace tenon::host
