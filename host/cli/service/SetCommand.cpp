// tenon set: variables of a service that outlive its versions.
#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "host/base/Utf8.h"
#include "host/cli/AgentConnection.h"
#include "host/cli/Cli.h"
#include "host/cli/Printing.h"
#include "host/contract/release/Release.h"

namespace tenon::host {

namespace {

struct SetArguments {
  std::string service;
  std::vector<std::string> settings, unset;
};

Result<JsonObject> bodyOf(const SetArguments& arguments) {
  JsonObject set;
  for (const auto& setting : arguments.settings) {
    const auto at = setting.find('=');
    if (at == std::string::npos || at == 0) {
      return Error(ErrorCode::Usage, setting + ": expected NAME=VALUE").withHint("--unset NAME takes one away");
    }
    if (!isUtf8(setting)) return Error(ErrorCode::Usage, setting.substr(0, at) + ": the value is no UTF-8");
    set.set(setting.substr(0, at), setting.substr(at + 1));
  }
  JsonArray unset;
  for (const auto& name : arguments.unset) unset.add(name);
  return JsonObject().set("set", set).set("unset", unset);
}

Result<void> show(Cli& cli, const Json& answer) {
  if (cli.isJson()) return cli.out << answer.text() << '\n', Result<void>{};
  TENON_TRY(const auto environment, answer.member("environment"));
  TENON_TRY(const auto members, environment.members());
  for (const auto& [name, value] : members) cli.out << name << '=' << cell(environment, name) << '\n';
  return {};
}

Result<int> set(Cli& cli, const SetArguments& arguments) {
  TENON_TRY(const auto service, ServiceId::parse(arguments.service));
  TENON_TRY(const auto body, bodyOf(arguments));
  TENON_TRY(auto agent, agentOf(cli));
  const std::string path = "/v1/services/" + service.text() + "/environment";
  if (arguments.settings.empty() && arguments.unset.empty()) {
    TENON_TRY(const auto answer, agent.get(path));
    TENON_CHECK(show(cli, answer));
    return 0;
  }
  TENON_TRY(const auto answer, agent.post(path, body));
  TENON_CHECK(show(cli, answer));
  if (cli.isJson()) return 0;
  TENON_TRY(const auto list, answer.member("undeclared"));
  TENON_TRY(const auto undeclared, list.strings());
  for (const auto& name : undeclared) {
    cli.err << "(" << service.text() << "'s service.json does not name " << name << ": does the service read it?)"
            << std::endl;
  }
  if (const auto row = agent.get("/v1/services/" + service.text()); row && cell(*row, "pid") != "-") {
    cli.err << "(it runs on as it was started: tenon restart " << service.text() << ")" << std::endl;
  }
  return 0;
}

}  // namespace

void addSetCommand(CLI::App& app, Cli& cli) {
  auto given = std::make_shared<SetArguments>();
  CLI::App* verb = app.add_subcommand(
      "set", "variables of a service on this node, in place of what its service.json says; without any: what is set");
  verb->add_option("service", given->service, "also one that is yet to be installed")->required()->type_name("ID");
  verb->add_option("settings", given->settings, "kept across upgrades; the service has it after: tenon restart ID")
      ->type_name("NAME=VALUE");
  verb->add_option("--unset", given->unset, "as service.json says again")
      ->type_name("NAME")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  verb->callback([&cli, given] { cli.command = [&cli, given] { return set(cli, *given); }; });
}

}  // namespace tenon::host
