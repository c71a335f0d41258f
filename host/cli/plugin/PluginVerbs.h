// The verbs of plugins, a file a group. Internal to cli.
#pragma once

#include "host/cli/Cli.h"

namespace tenon::host {

void addPluginCheckVerbs(CLI::App& plugin, Cli& cli);  // check, replay

}  // namespace tenon::host
