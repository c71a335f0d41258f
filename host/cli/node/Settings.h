// What an agent goes by, as a document: {"settings":[{"key","value","origin"}]}. Internal to cli.
#pragma once

#include <string>
#include <string_view>

#include "host/cli/Cli.h"

namespace tenon::host {

// Of the agent that runs, which alone knows its flags; else of one that would be started here without any.
struct KnownSettings {
  Json document;
  bool ofAgent = false;
  std::string value(std::string_view key) const;  // "" where it is not set, or not known
};
Result<KnownSettings> knownSettings(Cli& cli);

}  // namespace tenon::host
