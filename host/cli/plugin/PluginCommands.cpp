// tenon plugin …
#include <CLI/CLI.hpp>

#include "host/cli/plugin/PluginVerbs.h"

namespace tenon::host {

void addPluginCommands(CLI::App& app, Cli& cli) {
  CLI::App* plugin = app.add_subcommand("plugin", "runtime drivers of vendors: checked, signed, installed");
  plugin->require_subcommand(1);
  addPluginCheckVerbs(*plugin, cli);
  addNodePluginVerbs(*plugin, cli);
}

}  // namespace tenon::host
