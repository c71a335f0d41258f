// What an agent is told: flag, then TENON_* of the environment, then <root>/agent.properties, then the default.
#pragma once

#include "host/cli/Cli.h"

namespace tenon::host {

// Completes the options that flags left open, and notes in `settings` who decided each. Error: format-invalid naming the
// file, usage naming the key.
Result<AgentOptions> completeOptions(Files& files, AgentOptions flags);

}  // namespace tenon::host
