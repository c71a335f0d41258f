// The verbs of plugins. Internal to cli.
#pragma once

#include "host/cli/Cli.h"

namespace tenon::host {

void addNodePluginVerbs(CLI::App& plugin, Cli& cli);  // sign, and what is asked of a node

}  // namespace tenon::host
