// Verbs that change a service: each is one request to the agent, and then its change is followed. And what is done to its
// processes at once: signal, freeze, thaw.
#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <ostream>
#include <thread>

#include "host/cli/AgentConnection.h"
#include "host/cli/ChangeView.h"
#include "host/cli/Cli.h"
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

struct MomentArguments {
  std::string service, signal;
};

// `done`: what the answer says in a word.
Result<int> atOnce(Cli& cli, const MomentArguments& arguments, const std::string& verb, const std::string& done) {
  TENON_TRY(const auto service, ServiceId::parse(arguments.service));
  TENON_TRY(auto agent, agentOf(cli));
  JsonObject body;
  if (!arguments.signal.empty()) body.set("name", arguments.signal);
  TENON_CHECK(agent.post("/v1/services/" + service.text() + "/" + verb, body));
  cli.answer(JsonObject().set("service_id", service.text()).set("done", done), service.text() + "  " + done);
  return 0;
}

constexpr Millis kRenewPoll{20}, kRenewPatience{60'000};

// The agent's own words on when it began, and what it is; nothing while none answers.
std::optional<Json> node(const Cli& cli) {
  auto agent = agentOf(cli);
  if (!agent) return std::nullopt;
  auto answer = agent->get("/v1/node");
  return answer ? std::optional(*std::move(answer)) : std::nullopt;
}

Result<int> renew(Cli& cli) {
  TENON_TRY(auto agent, agentOf(cli));
  TENON_TRY(const auto before, agent.get("/v1/node"));
  TENON_TRY(const auto began, before.stringOr("started_at", ""));
  TENON_CHECK(agent.post("/v1/node/renew", JsonObject()));
  const Instant asked = cli.clock.now();
  for (;;) {
    const auto now = node(cli);
    if (now && now->stringOr("started_at", began).value_or(began) != began) {
      TENON_TRY(const auto fault, now->stringOr("renew_fault", ""));
      if (!fault.empty()) {
        return Error{ErrorCode::SpawnFailed, "the agent serves on as it was: " + fault}.withHint(
            "services ran on; put a program that runs here in its place, and try again");
      }
      TENON_TRY(const auto from, before.stringOr("version", ""));
      TENON_TRY(const auto to, now->stringOr("version", ""));
      cli.answer(JsonObject().set("from", from).set("to", to), "agent " + from + " → " + to + "; services ran on");
      return 0;
    }
    if (cli.clock.now() - asked > kRenewPatience) {
      return Error{ErrorCode::Timeout, "the agent did not come back"}.withHint("its log says why; services run on");
    }
    std::this_thread::sleep_for(kRenewPoll);
  }
}

void addMomentVerb(CLI::App& app, Cli& cli, const std::string& verb, const std::string& help, const std::string& done) {
  auto arguments = std::make_shared<MomentArguments>();
  CLI::App* sub = app.add_subcommand(verb, help);
  sub->add_option("service", arguments->service, "ID")->required()->type_name("ID");
  if (verb == "signal") {
    sub->add_option("name", arguments->signal, "TERM, INT, HUP, QUIT, USR1, USR2 or KILL")->required()->type_name("NAME");
  }
  sub->callback([&cli, arguments, verb, done] {
    cli.command = [&cli, arguments, verb, done] { return atOnce(cli, *arguments, verb, done); };
  });
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
  addMomentVerb(app, cli, "signal", "send a signal to a service's main process", "signalled");
  addMomentVerb(app, cli, "freeze", "let a service stand still, with all that it holds", "frozen");
  addMomentVerb(app, cli, "thaw", "let a frozen service go on", "thawed");
  app.add_subcommand("renew", "let the agent go on as the program that lies on disk now; services run on")->callback([&cli] {
    cli.command = [&cli] { return renew(cli); };
  });

  auto arguments = std::make_shared<Arguments>();
  CLI::App* sub = app.add_subcommand("remove", "stop a service and remove its releases");
  sub->add_option("service", arguments->spec, "ID")->required()->type_name("ID");
  sub->add_flag("--purge", arguments->purge, "also its data and logs");
  sub->callback([&cli, arguments] { cli.command = [&cli, arguments] { return remove(cli, *arguments); }; });
}

}  // namespace tenon::host
