// doctor: what keeps this node from working well, each with why and what to do. bug-report: that, and what else its
// maintainers would ask for, in one file.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <ostream>

#include "host/adapter/AtomicFile.h"
#include "host/cli/Cli.h"
#include "host/cli/Printing.h"
#include "host/cli/node/BugReport.h"
#include "host/cli/node/NodeChecks.h"

namespace tenon::host {

namespace {

void tell(std::ostream& out, const std::vector<NodeCheck>& checks) {
  constexpr std::size_t kWidth = 9;  // of the longest verdict, and two spaces
  for (const auto& check : checks) {
    const std::string_view verdict = name(check.verdict);
    out << verdict << std::string(kWidth - verdict.size(), ' ') << check.name << ": " << check.why << '\n';
    if (!check.hint.empty()) out << std::string(kWidth, ' ') << "→ " << check.hint << '\n';
  }
}

Result<int> doctor(Cli& cli) {
  const auto checks = examineNode(cli);
  if (cli.isJson()) {
    TENON_TRY(const auto document, Json::parse(JsonObject().set("checks", toJson(checks)).text()));
    TENON_CHECK(printRows(cli, document, "checks", {}));
  } else {
    tell(cli.out, checks);
  }
  return std::any_of(checks.begin(), checks.end(),
                     [](const auto& each) { return each.verdict == NodeCheck::Verdict::Failed; });
}

Result<int> reportBug(Cli& cli, const std::string& out) {
  const Path file = cli.absolute(out);
  TENON_TRY(const std::string report, bugReport(cli));
  TENON_CHECK(writeAtomically(cli.files(), file, report));
  cli.answer(JsonObject().set("file", file.text()),
             file.text() + " holds no logs, no settings and no keys of services; read it before you give it away");
  return 0;
}

}  // namespace

void addDoctorCommands(CLI::App& app, Cli& cli) {
  app.add_subcommand("doctor",
                     "what keeps this node from working well, and what to do about it; exit 1 where a check failed")
      ->callback([&cli] { cli.command = [&cli] { return doctor(cli); }; });

  auto out = std::make_shared<std::string>("tenon-bug-report.json");
  CLI::App* report = app.add_subcommand("bug-report", "what to send with a report of a fault: one file, without secrets");
  report->add_option("--out", *out, "the file")->capture_default_str();
  report->callback([&cli, out] { cli.command = [&cli, out] { return reportBug(cli, *out); }; });
}

}  // namespace tenon::host
