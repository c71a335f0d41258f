// Verbs that only look: list, status, drivers, plan, changes, events.
#include <CLI/CLI.hpp>
#include <cstring>
#include <memory>
#include <ostream>

#include "host/base/Log.h"
#include "host/cli/AgentConnection.h"
#include "host/cli/Cli.h"
#include "host/cli/Printing.h"
#include "host/cli/service/ChangeView.h"
#include "host/contract/release/Release.h"

namespace tenon::host {

namespace {

Result<int> tellNode(Cli& cli, AgentConnection& agent) {
  TENON_TRY(const auto node, agent.get("/v1/node"));
  TENON_TRY(const auto mode, node.stringOr("trust_mode", ""));
  TENON_TRY(const auto root, node.integerOr("root_version", 0, 0, INT64_MAX));
  cli.out << "\ntrust: " << (mode == "keys" ? "a list of keys" : "root " + std::to_string(root)) << '\n';
  if (const auto fault = node.find("trust_fault")) cli.out << "  ✗ " << cell(*fault, "message") << '\n';
  TENON_TRY(const auto isolation, node.member("isolation"));
  for (const char* lack : {"user_why", "files_why"}) {
    if (const auto why = cell(isolation, lack); !why.empty()) cli.out << "isolation: " << why << '\n';
  }
  TENON_TRY(const auto on, node.member("developer_plugins"));
  if (on.boolean().value_or(false)) cli.out << "developer mode: this agent loads plugins that nobody has signed\n";
  return 0;
}

// Those that service.json names: where they are taken, the node gives others.
void tellPorts(Cli& cli, const Json& service) {
  const auto ports = service.find("ports");
  if (!ports) return;
  const auto named = ports->members();
  if (!named) return;
  for (const auto& [name, port] : *named) cli.out << "port " << name << ": " << port.text() << '\n';
}

// What the machine does not tell stays unsaid.
Result<void> tellUsage(Cli& cli, const Json& usage) {
  const auto number = [&](const char* member) { return usage.integerOr(member, 0, 0, INT64_MAX); };
  TENON_TRY(const auto memory, number("memory_bytes"));
  TENON_TRY(const auto peak, number("memory_peak_bytes"));
  TENON_TRY(const auto processor, number("cpu_ms"));
  TENON_TRY(const auto processes, number("processes"));
  TENON_TRY(const auto read, number("read_bytes"));
  TENON_TRY(const auto written, number("written_bytes"));
  cli.out << "uses: " << formatBytes(static_cast<std::uint64_t>(memory)) << " of memory";
  if (peak > 0) cli.out << ", at most " << formatBytes(static_cast<std::uint64_t>(peak)) << " with cached files";
  cli.out << "; " << processor / 1000 << "." << processor % 1000 / 100 << " s of processor time; ";
  if (read + written > 0) {
    cli.out << formatBytes(static_cast<std::uint64_t>(read)) << " read and "
            << formatBytes(static_cast<std::uint64_t>(written)) << " written; ";
  }
  cli.out << processes << (processes == 1 ? " process\n" : " processes\n");
  return {};
}

Result<int> status(Cli& cli, const std::string& service) {
  TENON_TRY(auto agent, agentOf(cli));
  const std::vector<std::string> keys = {"service_id", "version", "platform", "state", "port", "pid", "restarts", "why"};
  if (service.empty()) {
    TENON_TRY(const auto answer, agent.get("/v1/services"));
    TENON_CHECK(printRows(cli, answer, "services", keys));
    return cli.isJson() ? Result<int>(0) : tellNode(cli, agent);
  }
  TENON_TRY(const auto id, ServiceId::parse(service));
  TENON_TRY(const auto one, agent.get("/v1/services/" + id.text()));
  const std::string list = JsonObject().set("services", JsonArray().add(one)).text();
  TENON_TRY(const auto answer, Json::parse(list));
  TENON_CHECK(printRows(cli, answer, "services", keys));
  if (cli.isJson()) return 0;
  cli.out << "\nisolation: " << cell(one, "isolation") << '\n';
  tellPorts(cli, one);
  if (const auto endpoint = cell(one, "endpoint"); !endpoint.empty()) cli.out << "endpoint: " << endpoint << '\n';
  if (const auto usage = one.find("usage")) TENON_CHECK(tellUsage(cli, *usage));
  return 0;
}

Result<int> list(Cli& cli) {
  TENON_TRY(auto agent, agentOf(cli));
  TENON_TRY(const auto answer, agent.get("/v1/services"));
  TENON_CHECK(printRows(cli, answer, "services", {"service_id", "current", "previous", "installed", "wanted", "name"}));
  return 0;
}

Result<int> drivers(Cli& cli) {
  TENON_TRY(auto agent, agentOf(cli));
  TENON_TRY(const auto answer, agent.get("/v1/drivers"));
  const std::vector<std::string> keys = {"name", "version", "provides", "state", "hosting", "path", "why"};
  TENON_CHECK(printRows(cli, answer, "drivers", keys));
  if (cli.format == OutputFormat::Json) return 0;
  if (!cli.isJson()) cli.out << '\n';
  TENON_CHECK(printRows(cli, answer, "adapters", keys));
  return 0;
}

Result<int> changes(Cli& cli, std::uint64_t number, bool evidence) {
  TENON_TRY(auto agent, agentOf(cli));
  if (number == 0) {
    TENON_TRY(const auto answer, agent.get("/v1/changes"));
    TENON_CHECK(printRows(cli, answer, "changes",
                          {"change", "operation", "service_id", "from", "to", "state", "started_at", "outcome"}));
    return 0;
  }
  if (!evidence) return ChangeView(cli, agent).follow(number);
  TENON_TRY(const auto change, agent.get("/v1/changes/" + std::to_string(number)));
  TENON_TRY(const auto folder, change.stringOr("evidence", ""));
  if (folder.empty())
    return Error{ErrorCode::NotFound, "change " + std::to_string(number) + " has no evidence: its release did not fail"};
  const Path path = cli.absolute(cli.root) / "changes" / folder;
  TENON_TRY(const auto entries, cli.files().list(path));
  for (const auto& entry : entries) {
    TENON_TRY(const auto text, cli.files().readAll(path / entry.name, limits::MiB));
    cli.out << "── " << entry.name << '\n';
    for (std::size_t from = 0, to = 0; from < text.size(); from = to + 1) {
      to = std::min(text.find('\n', from), text.size());
      cli.out << escapeControls(std::string_view(text).substr(from, to - from)) << '\n';
    }
  }
  return 0;
}

// What is not known stays unsaid.
Result<void> showPlan(Cli& cli, const ServiceId& service, const Json& plan) {
  const auto bytes = [&](const char* member) {
    return formatBytes(static_cast<std::uint64_t>(plan.integerOr(member, 0, 0, INT64_MAX).value_or(0)));
  };
  const auto line = [&](const char* name, const std::string& what) {
    if (!what.empty()) cli.out << "  " << name << std::string(12 - std::strlen(name), ' ') << what << '\n';
  };
  const auto known = [&](const std::string& before, const char* member, const std::string& after = "") {
    const auto value = cell(plan, member);
    return value.empty() || value == "0" ? std::string() : before + value + after;
  };
  const std::string from = cell(plan, "from");
  cli.out << "Plan  " << service.text() << "  " << (from.empty() ? "new" : from) << " → " << cell(plan, "to") << "  "
          << cell(plan, "platform") << '\n';
  const auto files = known(", " + cell(plan, "fetch_files") + " of ", "total_files", " files");
  line("fetch", bytes("fetch_bytes") + " of " + bytes("total_bytes") + files);
  line("disk", bytes("disk_bytes") + " needed, " + bytes("disk_free_bytes") + " free, " + bytes("disk_free_after_bytes") +
                   " afterwards");
  line("runs by", known("", "driver", " on ") + cell(plan, "adapter") + known(", port ", "port"));
  line("signed by", cell(plan, "key_id").substr(0, 16) + known(", by ", "trust"));
  line("isolation", cell(plan, "isolation"));
  line("requires", cell(plan, "requires"));
  line("interrupts", cell(plan, "disturbs"));
  TENON_TRY(const auto problems, plan.member("problems"));
  TENON_TRY(const auto rows, problems.array());
  for (const auto& problem : rows) cli.out << "  ✗ " << cell(problem, "code") << ": " << cell(problem, "message") << '\n';
  return {};
}

Result<int> plan(Cli& cli, const std::string& service, bool detailedExitCode) {
  TENON_TRY(const auto spec, ReleaseSpec::parse(service));
  TENON_TRY(auto agent, agentOf(cli));
  TENON_TRY(const auto preview, agent.get("/v1/plan?service_id=" + spec.service.text() +
                                          (spec.version ? "&version=" + spec.version->text() : "")));
  const bool changesSomething = cell(preview, "from") != cell(preview, "to");
  if (cli.isJson()) {
    cli.out << preview.text() << '\n';
  } else {
    TENON_CHECK(showPlan(cli, spec.service, preview));
  }
  return detailedExitCode && changesSomething ? 2 : 0;
}

}  // namespace

void addQueryCommands(CLI::App& app, Cli& cli) {
  app.add_subcommand("list", "installed services and their versions")->callback([&cli] {
    cli.command = [&cli] { return list(cli); };
  });

  auto service = std::make_shared<std::string>();
  CLI::App* statusVerb = app.add_subcommand("status", "what runs, how well, and why not");
  statusVerb->add_option("service", *service, "one service only")->type_name("ID");
  statusVerb->callback([&cli, service] { cli.command = [&cli, service] { return status(cli, *service); }; });

  app.add_subcommand("drivers", "runtime drivers and platform adapters, and what keeps one from working")->callback([&cli] {
    cli.command = [&cli] { return drivers(cli); };
  });

  auto number = std::make_shared<std::uint64_t>(0);
  auto evidence = std::make_shared<bool>(false);
  CLI::App* changesVerb = app.add_subcommand("changes", "operations of late, or one with its steps");
  changesVerb->add_option("number", *number, "one change")->type_name("N");
  changesVerb->add_flag("--evidence", *evidence, "what its failed release left: log, health answers, differences");
  changesVerb->callback(
      [&cli, number, evidence] { cli.command = [&cli, number, evidence] { return changes(cli, *number, *evidence); }; });

  CLI::App* planVerb = app.add_subcommand("plan", "what an operation would do, before a byte moves");
  planVerb->require_subcommand(1);
  for (const char* operation : {"install", "upgrade"}) {
    auto spec = std::make_shared<std::string>();
    auto detailed = std::make_shared<bool>(false);
    CLI::App* sub = planVerb->add_subcommand(operation, std::string("of: tenon ") + operation);
    sub->add_option("service", *spec, "")->required()->type_name("ID[@VERSION]");
    sub->add_flag("--detailed-exitcode", *detailed, "exit with 2 when something would change");
    sub->callback([&cli, spec, detailed] { cli.command = [&cli, spec, detailed] { return plan(cli, *spec, *detailed); }; });
  }
}

}  // namespace tenon::host
