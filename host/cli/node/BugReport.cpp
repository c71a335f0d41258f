#include "host/cli/node/BugReport.h"

#include <Poco/Environment.h>

#include <algorithm>

#include "host/adapter/Files.h"
#include "host/base/Limits.h"
#include "host/base/Text.h"
#include "host/cli/AgentConnection.h"
#include "host/cli/Cli.h"
#include "host/cli/Printing.h"
#include "host/cli/node/NodeChecks.h"
#include "host/cli/node/Settings.h"
#include "host/store/PackageLayout.h"

namespace tenon::host {

namespace {

constexpr std::uint64_t kTail = 64 * limits::KiB;  // of events and of the agent's log

// Of each route by the name that its answer gets.
constexpr std::pair<const char*, const char*> kAsked[] = {{"node", "/v1/node"},
                                                          {"trust", "/v1/trust"},
                                                          {"keys", "/v1/keys"},
                                                          {"plugin_keys", "/v1/plugin-keys"},
                                                          {"drivers", "/v1/drivers"},
                                                          {"services", "/v1/services"},
                                                          {"changes", "/v1/changes?limit=50"}};

// "http://user:word@host/" gets "http://(removed)@host/".
std::string withoutUsers(std::string text) {
  constexpr std::string_view kScheme = "://", kRemoved = "(removed)";
  for (std::size_t at = 0; (at = text.find(kScheme, at)) != std::string::npos;) {
    at += kScheme.size();
    const std::size_t end = text.find_first_of("/?#\"\\ \t\r\n", at);
    const std::size_t user = text.rfind('@', end);
    if (user != std::string::npos && user > at && user < end) text.replace(at, user - at, kRemoved);
  }
  return text;
}

// Whole lines of the file's end; none of a file that is not there.
JsonArray lastLines(Files& files, const Path& path) {
  JsonArray lines;
  const auto file = ReadFile::open(files, path);
  if (!file) return lines;
  const std::uint64_t size = file->size(), from = size - std::min(size, kTail);
  std::string text(static_cast<std::size_t>(size - from), '\0');
  const auto got = file->read(from, text);
  if (!got) return lines;
  text.resize(*got);
  std::string_view rest = text;
  if (from > 0) rest.remove_prefix(std::min(rest.find('\n') + 1, rest.size()));  // the middle of a line
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    lines.add(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return lines;
}

JsonObject problem(const Error& error) { return JsonObject().set("error", error.message()).set("hint", error.hint()); }

JsonObject machineOf(const PlatformFacts& facts) {
  using Poco::Environment;
  return JsonObject()
      .set("system", Environment::osDisplayName() + " " + Environment::osVersion() + " " + Environment::osArchitecture())
      .set("processors", static_cast<std::uint64_t>(Environment::processorCount()))
      .set("platforms", facts.platforms)
      .set("containment", facts.containment)
      .set("containment_why", facts.containmentWhy);
}

void addAnswers(Cli& cli, JsonObject& report) {
  auto agent = agentOf(cli);
  for (const auto& [name, route] : kAsked) {
    const auto answer = agent ? agent->get(route) : Result<Json>(agent.error());
    answer ? report.set(name, *answer) : report.set(name, problem(answer.error()));
  }
}

}  // namespace

Result<std::string> bugReport(Cli& cli) {
  const Path root = cli.absolute(cli.root);
  JsonObject report;
  report.set("schema", "tenon.bug-report/1").set("program", TENON_VERSION).set("root", root.text());
  report.set("machine", machineOf(cli.adapter.facts())).set("checks", toJson(examineNode(cli)));
  const auto settings = knownSettings(cli);
  std::string logFile;
  if (settings) {
    report.set("settings_of_agent", settings->ofAgent).set("settings", settings->document);
    logFile = settings->value("log_file");
  } else {
    report.set("settings", problem(settings.error()));
  }
  addAnswers(cli, report);
  report.set("events", lastLines(cli.files(), PackageLayout(root).events()));
  if (!logFile.empty()) report.set("log", lastLines(cli.files(), Path(logFile)));
  return withoutUsers(report.pretty());
}

}  // namespace tenon::host
