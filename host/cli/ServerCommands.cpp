// Verbs that serve: run, agent, hub serve, relay. What they do is app's; here are their options.
#include <CLI/CLI.hpp>
#include <memory>

#include "host/cli/Cli.h"

namespace tenon::host {

namespace {

constexpr const char* kServiceName = "tenon";

struct AgentArguments {
  AgentOptions options;
  bool install = false, uninstall = false;  // where the system has a manager of services that is told by calls
};

// The flags of this agent as the system's manager will give them.
std::vector<std::string> agentCommand(const std::string& program, const AgentOptions& options) {
  std::vector<std::string> argv = {program, "--root", options.root.text(), "agent"};
  const auto add = [&](const char* flag, const std::string& value) {
    if (!value.empty()) argv.insert(argv.end(), {flag, value});
  };
  if (!options.way.caFile.empty()) argv.insert(argv.begin() + 1, {"--ca-file", options.way.caFile});
  add("--hub", options.hub);
  for (const auto& file : options.trust) add("--trust", file);
  for (const auto& folder : options.plugins) add("--plugins", folder);
  if (options.developerPlugins) argv.emplace_back("--dev-plugins");
  add("--listen", options.listen);
  add("--metrics-listen", options.metricsListen);
  add("--log-file", options.logFile.empty() ? (options.root / "agent.log").text() : options.logFile);
  if (options.verbose) argv.emplace_back("--verbose");
  return argv;
}

Result<int> installService(Cli& cli, const AgentOptions& options) {
  TENON_CHECK(makeRootFolder(cli.adapter, options.root));
  TENON_CHECK(
      cli.adapter.systemServices()->install({.name = kServiceName,
                                             .title = "Tenon agent",
                                             .description = "Installs, runs and supervises the services of this node.",
                                             .argv = agentCommand(cli.adapter.facts().executable.text(), options)}));
  cli.out << "the agent of " << options.root.text() << " runs as service " << kServiceName << ", now and after every boot\n";
  return 0;
}

Result<int> uninstallService(Cli& cli) {
  TENON_CHECK(cli.adapter.systemServices()->remove(kServiceName));
  cli.out << "service " << kServiceName << " is removed; what the agent started runs on\n";
  return 0;
}

Result<int> runAgentVerb(Cli& cli, AgentArguments arguments) {
  AgentOptions& options = arguments.options;
  options.root = cli.absolute(cli.root);
  options.way = cli.way();
  for (auto* list : {&options.trust, &options.plugins}) {
    for (auto& path : *list) path = cli.absolute(path).text();
  }
  if (!options.logFile.empty()) options.logFile = cli.absolute(options.logFile).text();
  if (arguments.install) return installService(cli, options);
  if (arguments.uninstall) return uninstallService(cli);
  return cli.servers.agent(options);
}

void addAgentVerb(CLI::App& app, Cli& cli) {
  auto arguments = std::make_shared<AgentArguments>();
  auto* agent = &arguments->options;
  CLI::App* verb = app.add_subcommand("agent", "run this node's agent");
  addHubOption(*verb, agent->hub);
  verb->add_option("--trust", agent->trust, "trust this release key, or this root, from now on")
      ->type_name("FILE.pub|ROOT.json");
  verb->add_option("--plugins", agent->plugins, "a further folder of plugins")->type_name("DIR");
  verb->add_flag("--dev-plugins", agent->developerPlugins, "load unsigned plugins from those folders; status says so");
  verb->add_option("--listen", agent->listen, "serve the API on TCP, with a token, instead of the unix socket")
      ->type_name("HOST:PORT");
  verb->add_option("--metrics-listen", agent->metricsListen, "serve /metrics, and nothing else, on TCP and without a token")
      ->type_name("HOST:PORT");
  verb->add_option("--log-file", agent->logFile, "log to this file instead of standard error")->type_name("FILE");
  verb->add_flag("-v,--verbose", agent->verbose, "log what the agent does in detail");
  if (cli.adapter.systemServices()) {
    CLI::Option* install =
        verb->add_flag("--install-service", arguments->install, "let the system start this agent, now and at every boot");
    verb->add_flag("--uninstall-service", arguments->uninstall, "end that agent and forget it; services run on")
        ->excludes(install);
  }
  verb->callback([&cli, arguments] { cli.command = [&cli, arguments] { return runAgentVerb(cli, *arguments); }; });
}

// Started by the agent, never by people: stays out of the list of verbs.
void addRelayVerb(CLI::App& app, Cli& cli) {
  auto options = std::make_shared<RelayOptions>();
  CLI::App* verb = app.add_subcommand("relay", "listen on services' endpoints; the agent starts it")->group("");
  verb->add_option("--table", options->table, "the agent's run/endpoints.json")->required()->type_name("FILE");
  verb->add_option("--health", options->health, "a loopback port that takes connections and says nothing")
      ->type_name("PORT");
  verb->callback([&cli, options] {
    cli.command = [&cli, options] {
      options->table = cli.absolute(options->table).text();
      return cli.servers.relay(*options);
    };
  });
}

struct RunArguments {
  RunOptions options;
  std::string folder, data;
};

void addRunVerb(CLI::App& app, Cli& cli) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App* verb =
      app.add_subcommand("run", "run a service from its folder, here and now: no agent, no package, no signature");
  verb->add_option("DIR", arguments->folder, "a folder with service.json")->required();
  verb->add_option("--driver", arguments->options.driver, "plan with this plugin alone, signed or not")->type_name("LIB");
  verb->add_option("--data", arguments->data, "keep the service's data here; else it goes with the run")->type_name("DIR");
  verb->add_option("--env", arguments->options.environment, "one more variable for the service")->type_name("NAME=VALUE");
  verb->add_flag("--plan", arguments->options.planOnly, "print the launch plan and start nothing");
  verb->callback([&cli, arguments] {
    cli.command = [&cli, arguments] {
      RunOptions& options = arguments->options;
      options.folder = cli.absolute(arguments->folder);
      if (!arguments->data.empty()) options.data = cli.absolute(arguments->data);
      if (!options.driver.empty()) options.driver = cli.absolute(options.driver).text();
      return cli.servers.run(options);
    };
  });
}

}  // namespace

void addServerCommands(CLI::App& app, Cli& cli) {
  addRunVerb(app, cli);
  addAgentVerb(app, cli);
  addRelayVerb(app, cli);

  auto data = std::make_shared<std::string>();
  auto hub = std::make_shared<HubOptions>();
  CLI::App* hubVerb = app.add_subcommand("hub", "a Model Hub");
  hubVerb->require_subcommand(1);
  CLI::App* serve = hubVerb->add_subcommand("serve", "serve packages from a folder");
  serve->add_option("--data", *data, "where packages are kept")->required()->type_name("DIR");
  serve->add_option("--listen", hub->listen, "where it answers")->capture_default_str()->type_name("HOST:PORT");
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
