// What to send with a report of a fault. Internal to cli.
#pragma once

#include <string>

#include "host/base/Result.h"

namespace tenon::host {

class Cli;

// One JSON document, to be read by people: versions, this machine, what doctor finds, what the agent goes by and tells of
// itself, its drivers, services and last changes, events and the last lines of its log. Of an agent that does not answer,
// what lies on disk. Never what services write or are set to; user information in addresses is replaced.
Result<std::string> bugReport(Cli& cli);

}  // namespace tenon::host
