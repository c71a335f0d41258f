// Verbs that serve: agent, hub serve. What they do is app's; here are their options.
#include <CLI/CLI.hpp>
#include <memory>

#include "host/cli/Cli.h"

namespace tenon::host {

void addServerCommands(CLI::App& app, Cli& cli) {
  auto agent = std::make_shared<AgentOptions>();
  CLI::App* agentVerb = app.add_subcommand("agent", "run this node's agent");
  agentVerb->add_option("--hub", agent->hub, "the Model Hub to install from")->envname("TENON_HUB")->type_name("URL");
  agentVerb->add_option("--trust", agent->trust, "trust this release key, or this root, from now on")
      ->type_name("FILE.pub|ROOT.json");
  agentVerb->add_option("--plugins", agent->plugins, "a further folder of plugins")->type_name("DIR");
  agentVerb->add_flag("--dev-plugins", agent->developerPlugins, "load unsigned plugins from those folders; status says so");
  agentVerb->add_option("--listen", agent->listen, "serve the API on TCP, with a token, instead of the unix socket")
      ->type_name("HOST:PORT");
  agentVerb->add_flag("-v,--verbose", agent->verbose, "log what the agent does in detail");
  agentVerb->callback([&cli, agent] {
    cli.command = [&cli, agent] {
      agent->root = cli.absolute(cli.root);
      for (auto& file : agent->trust) file = cli.absolute(file).text();
      for (auto& folder : agent->plugins) folder = cli.absolute(folder).text();
      return cli.servers.agent(*agent);
    };
  });

  auto data = std::make_shared<std::string>();
  auto hub = std::make_shared<HubOptions>();
  CLI::App* hubVerb = app.add_subcommand("hub", "a Model Hub");
  hubVerb->require_subcommand(1);
  CLI::App* serve = hubVerb->add_subcommand("serve", "serve packages from a folder");
  serve->add_option("--data", *data, "where packages are kept")->required()->type_name("DIR");
  serve->add_option("--listen", hub->listen, "")->capture_default_str()->type_name("HOST:PORT");
  serve->add_option("--token-file", hub->tokenFile, "who may publish; made at the first start; default: DIR/token")
      ->type_name("FILE");
  serve->add_option("--index-key", hub->indexKeys, "sign an index with this key, for nodes that trust by a root")
      ->type_name("FILE.key");
  serve->add_option("--index-days", hub->indexDays, "how long an index holds; it is renewed at half of that")
      ->capture_default_str()
      ->check(CLI::Range(1, 365))
      ->type_name("N");
  serve->callback([&cli, hub, data] {
    cli.command = [&cli, hub, data] {
      hub->data = cli.absolute(*data);
      for (auto& file : hub->indexKeys) file = cli.absolute(file).text();
      if (!hub->tokenFile.empty()) hub->tokenFile = cli.absolute(hub->tokenFile).text();
      return cli.servers.hub(*hub);
    };
  });
}

}  // namespace tenon::host
