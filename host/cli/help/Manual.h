// The manual page, made from the verbs and options that the command line really has.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace tenon::host {

// In the language of man(7), UTF-8: `tenon manual | man -l -`.
std::string manualPage(const CLI::App& app);

}  // namespace tenon::host
