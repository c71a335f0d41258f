// Verbs that change a service: each is one request to the agent, and then its change is followed.
#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <ostream>

#include "host/cli/AgentConnection.h"
#include "host/cli/Cli.h"
#include "host/cli/service/ChangeView.h"
#include "host/contract/release/Release.h"
#include "host/package/fetch/HubBundle.h"

namespace tenon::host {

namespace {

struct Arguments {
  std::string spec;
  bool force = false, allowDowngrade = false, noActivate = false, purge = false, dryRun = false;
};
using SharedArguments = std::shared_ptr<Arguments>;

// A path, and no service's id: those hold no separator.
bool isFile(const std::string& text) { return text.find_first_of("/\\") != std::string::npos; }

Result<int> change(Cli& cli, const Arguments& arguments, const std::string& verb) {
  JsonObject body;
  std::optional<ReleaseSpec> named;
  if (isFile(arguments.spec)) {
    const Path file = cli.absolute(arguments.spec);
    TENON_TRY(const auto bundle, HubBundle::open(cli.files(), file));
    named = ReleaseSpec{bundle->release().service, bundle->release().version};
    body.set("bundle", file.text());
  } else {
    TENON_TRY(named, ReleaseSpec::parse(arguments.spec));
  }
  const ReleaseSpec& spec = *named;
  TENON_TRY(auto agent, agentOf(cli));
  if (spec.version) body.set("version", spec.version->text());
  if (arguments.force) body.set("force", true);
  if (arguments.allowDowngrade) body.set("allow_downgrade", true);
  if (arguments.noActivate) body.set("activate", false);
  TENON_TRY(const auto accepted, agent.post("/v1/services/" + spec.service.text() + "/" + verb, body));
  return followIfAsked(cli, agent, accepted);
}

Result<int> remove(Cli& cli, const Arguments& arguments) {
  TENON_TRY(const auto service, ServiceId::parse(arguments.spec));
  TENON_TRY(auto agent, agentOf(cli));
  TENON_TRY(const auto accepted, agent.remove("/v1/services/" + service.text() + (arguments.purge ? "?purge=true" : "")));
  return followIfAsked(cli, agent, accepted);
}

SharedArguments addVerb(CLI::App& app, Cli& cli, const std::string& verb, const std::string& help,
                        const std::string& operand) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* sub = app.add_subcommand(verb, help);
  sub->add_option("service", arguments->spec, operand)->required()->type_name(operand);
  sub->callback(
      [&cli, arguments, verb] { cli.command = [&cli, arguments, verb] { return change(cli, *arguments, verb); }; });
  return arguments;
}

}  // namespace

void addServiceCommands(CLI::App& app, Cli& cli) {
  const auto install =
      addVerb(app, cli, "install", "install a service, or a version of it, and start it; also from a bundle",
              "ID[@VERSION]|./BUNDLE");
  const auto upgrade =
      addVerb(app, cli, "upgrade", "go to the newest version; on a failure the old one keeps serving", "ID");
  for (const auto& [verb, arguments] : {std::pair{"install", install}, std::pair{"upgrade", upgrade}}) {
    CLI::App* sub = app.get_subcommand(verb);
    sub->add_flag("--force", arguments->force, "also a release that failed here before");
    sub->add_flag("--allow-downgrade", arguments->allowDowngrade, "also a release older than the current one");
    sub->add_flag("--no-activate", arguments->noActivate,
                  "fetch, verify and unpack only; make it current later with: tenon activate");
  }
  addVerb(app, cli, "activate", "make an installed version current", "ID@VERSION");
  addVerb(app, cli, "rollback", "go back to the release before", "ID");
  addVerb(app, cli, "start", "start a service, now and at every boot", "ID");
  addVerb(app, cli, "stop", "stop a service, and leave it stopped", "ID");
  addVerb(app, cli, "restart", "stop and start a service", "ID");

  auto arguments = std::make_shared<Arguments>();
  CLI::App* sub = app.add_subcommand("remove", "stop a service and remove its releases");
  sub->add_option("service", arguments->spec, "ID")->required()->type_name("ID");
  sub->add_flag("--purge", arguments->purge, "also its data and logs");
  sub->callback([&cli, arguments] { cli.command = [&cli, arguments] { return remove(cli, *arguments); }; });
}

}  // namespace tenon::host
