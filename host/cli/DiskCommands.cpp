// Verbs about the node's disk: info --disk, prune, gc.
#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>
#include <thread>

#include "host/base/Log.h"
#include "host/cli/AgentConnection.h"
#include "host/cli/Cli.h"
#include "host/cli/Printing.h"
#include "host/cli/service/ChangeView.h"
#include "host/contract/release/Release.h"

namespace tenon::host {

namespace {

constexpr Millis kCollectingPoll{100};

struct DiskArguments {
  std::string service;
  bool disk = false, dryRun = false;
};

std::string sizeOf(const Json& object, std::string_view key) {
  return formatBytes(static_cast<std::uint64_t>(object.integerOr(key, 0, 0, INT64_MAX).value_or(0)));
}

std::string countOf(const Json& object) {
  const auto files = object.integerOr("files", 0, 0, INT64_MAX).value_or(0);
  return sizeOf(object, "bytes") + " in " + std::to_string(files) + (files == 1 ? " file" : " files");
}

Result<void> printDisk(Cli& cli, const Json& answer) {
  TENON_TRY(const auto member, answer.member("releases"));
  TENON_TRY(const auto releases, member.array());
  std::vector<std::vector<std::string>> rows;
  for (const auto& release : releases) {
    rows.push_back({escapeControls(release.stringOr("version", "").value_or("")),
                    release.booleanOr("current", false).value_or(false) ? "current" : "", sizeOf(release, "bytes"),
                    sizeOf(release, "alone_bytes"), sizeOf(release, "shared_with_versions_bytes"),
                    sizeOf(release, "shared_with_services_bytes")});
  }
  printTable(cli.out, {"VERSION", "", "IN ALL", "ITS OWN", "SHARED WITH VERSIONS", "SHARED WITH SERVICES"}, rows);
  return {};
}

Result<int> info(Cli& cli, const DiskArguments& arguments) {
  TENON_TRY(const auto id, ServiceId::parse(arguments.service));
  TENON_TRY(auto agent, agentOf(cli));
  TENON_TRY(const auto answer, agent.get("/v1/services/" + id.text() + (arguments.disk ? "/disk" : "")));
  if (cli.isJson()) {
    cli.out << answer.text() << '\n';
  } else if (arguments.disk) {
    TENON_CHECK(printDisk(cli, answer));
  } else {
    TENON_TRY(const auto members, answer.members());
    std::vector<std::vector<std::string>> rows;
    for (const auto& [key, value] : members) {
      rows.push_back({key, escapeControls(value.isString() ? value.string().value_or("") : value.text())});
    }
    printTable(cli.out, {"WHAT", ""}, rows);
  }
  return 0;
}

Result<int> prune(Cli& cli, const DiskArguments& arguments) {
  TENON_TRY(const auto id, ServiceId::parse(arguments.service));
  TENON_TRY(auto agent, agentOf(cli));
  const auto path = "/v1/services/" + id.text() + "/prune";
  if (!arguments.dryRun) {
    TENON_TRY(const auto accepted, agent.post(path, JsonObject()));
    return followIfAsked(cli, agent, accepted);
  }
  TENON_TRY(const auto preview, agent.get(path));
  if (cli.isJson()) {
    cli.out << preview.text() << '\n';
    return 0;
  }
  std::string versions;
  const auto list = preview.stringsOr("versions", {}).value_or(std::vector<std::string>{});
  for (const auto& version : list) versions += (versions.empty() ? "" : ", ") + escapeControls(version);
  cli.out << (versions.empty() ? "nothing to remove" : "would remove " + versions + ": " + countOf(preview)) << '\n';
  return 0;
}

Result<int> collect(Cli& cli, const DiskArguments& arguments) {
  TENON_TRY(auto agent, agentOf(cli));
  const auto answer = arguments.dryRun ? agent.get("/v1/gc") : agent.post("/v1/gc", JsonObject());
  if (!answer) return answer.error();
  for (bool collecting = cli.wait && !arguments.dryRun; collecting;) {
    TENON_TRY(const auto now, agent.get("/v1/gc"));
    TENON_TRY(collecting, now.booleanOr("collecting", false));
    if (collecting) std::this_thread::sleep_for(kCollectingPoll);
  }
  if (cli.isJson()) {
    cli.out << answer->text() << '\n';
  } else {
    cli.out << (arguments.dryRun ? "would remove " : "removed ") << countOf(*answer) << '\n';
  }
  return 0;
}

}  // namespace

void addDiskCommands(CLI::App& app, Cli& cli) {
  const auto add = [&](const char* verb, const char* help, Result<int> (*run)(Cli&, const DiskArguments&)) {
    auto arguments = std::make_shared<DiskArguments>();
    CLI::App* sub = app.add_subcommand(verb, help);
    sub->callback([&cli, arguments, run] { cli.command = [&cli, arguments, run] { return run(cli, *arguments); }; });
    return std::pair(sub, arguments);
  };
  const auto [infoVerb, infoArguments] = add("info", "one service; with --disk, what its releases take and share", info);
  infoVerb->add_option("service", infoArguments->service, "ID")->required()->type_name("ID");
  infoVerb->add_flag("--disk", infoArguments->disk, "what its releases take, and share with other versions and services");
  const auto [pruneVerb, pruneArguments] =
      add("prune", "remove every release of a service but the current one: there is no rollback then", prune);
  pruneVerb->add_option("service", pruneArguments->service, "ID")->required()->type_name("ID");
  pruneVerb->add_flag("--dry-run", pruneArguments->dryRun, "only say what would go, and what that frees");
  const auto [gcVerb, gcArguments] =
      add("gc", "remove stored files that no installed release uses, and downloads that broke off", collect);
  gcVerb->add_flag("--dry-run", gcArguments->dryRun, "only say what would go");
}

}  // namespace tenon::host
