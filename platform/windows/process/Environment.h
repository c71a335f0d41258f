// A child's environment as one block of text. Stateless; any thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "platform/windows/Fault.h"

namespace tenon::platform {

using EnvironmentPairs = std::vector<std::pair<std::string, std::string>>;

// Exactly those pairs, a later one winning over an earlier of the same name (upper and lower case are the same), sorted as
// CreateProcessW wants it; and SystemRoot where it is not among them, without which Windows' own sockets do not load.
// Error: invalid, with the field, for text that is no UTF-8.
Outcome makeEnvironment(const EnvironmentPairs& pairs, std::wstring& block);

}  // namespace tenon::platform
