// The subcommand `plugin`; its verbs stand beside this file.
#include <CLI/CLI.hpp>

#include "host/cli/plugin/PluginVerbs.h"

namespace tenon::host {

void addPluginCommands(CLI::App& app, Cli& cli) {
  CLI::App* plugin = app.add_subcommand("plugin", "drivers of your own: check them");
  plugin->require_subcommand(1);
  addPluginCheckVerbs(*plugin, cli);
}

}  // namespace tenon::host
