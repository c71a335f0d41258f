// The verbs of plugins, a file a group. Internal to cli.
#pragma once

#include "host/cli/Cli.h"

namespace tenon::host {

void addPluginCheckVerbs(CLI::App& plugin, Cli& cli);  // check, replay
void addNodePluginVerbs(CLI::App& plugin, Cli& cli);   // sign, and what is asked of a node

}  // namespace tenon::host
