// config show: what an agent goes by, and who decided it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <ostream>

#include "host/cli/AgentConnection.h"
#include "host/cli/Cli.h"
#include "host/cli/Printing.h"
#include "host/cli/node/Settings.h"

namespace tenon::host {

namespace {

Result<int> show(Cli& cli, bool origin) {
  TENON_TRY(const auto known, knownSettings(cli));
  if (!known.ofAgent) cli.err << "no agent answers: this is what one started here would go by\n";
  std::vector<std::string> columns{"key", "value"};
  if (origin) columns.emplace_back("origin");
  TENON_CHECK(printRows(cli, known.document, "settings", columns));
  return 0;
}

}  // namespace

JsonArray toJson(const std::vector<Setting>& settings) {
  JsonArray rows;
  for (const auto& each : settings) {
    rows.add(JsonObject().set("key", each.key).set("value", each.value).set("origin", each.origin));
  }
  return rows;
}

std::string KnownSettings::value(std::string_view key) const {
  const auto list = document.find("settings");
  const auto rows = list ? list->array() : Result<std::vector<Json>>(std::vector<Json>());
  if (!rows) return "";
  const auto row = std::find_if(rows->begin(), rows->end(), [&](const Json& each) { return cell(each, "key") == key; });
  return row == rows->end() ? "" : row->stringOr("value", "").value_or("");
}

Result<KnownSettings> knownSettings(Cli& cli) {
  auto agent = agentOf(cli);
  auto answer = agent ? agent->get("/v1/config") : Result<Json>(agent.error());
  if (answer) return KnownSettings{*std::move(answer), true};
  if (answer.error().code() != ErrorCode::NetworkUnreachable) return std::move(answer).error();
  TENON_TRY(const auto settings, cli.servers.settings({.root = cli.absolute(cli.root), .way = cli.way()}));
  TENON_TRY(auto document, Json::parse(JsonObject().set("settings", toJson(settings)).text()));
  return KnownSettings{std::move(document), false};
}

void addConfigCommands(CLI::App& app, Cli& cli) {
  CLI::App* verb = app.add_subcommand("config", "what this node's agent goes by");
  verb->require_subcommand(1);
  auto origin = std::make_shared<bool>(false);
  CLI::App* showVerb = verb->add_subcommand("show", "flag, then TENON_*, then ROOT/agent.properties, then the default");
  showVerb->add_flag("--origin", *origin, "also which of them decided");
  showVerb->callback([&cli, origin] { cli.command = [&cli, origin] { return show(cli, *origin); }; });
}

}  // namespace tenon::host
