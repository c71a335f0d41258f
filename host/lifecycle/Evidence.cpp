#include "host/lifecycle/Evidence.h"

#include <algorithm>
#include <map>

#include "host/adapter/AtomicFile.h"
#include "host/logs/LogSearch.h"

namespace tenon::host {

namespace {

constexpr std::size_t kLogLines = 200;
constexpr std::uint64_t kLogTailBytes = 256 * limits::KiB;

std::string logTail(ServiceLogs& logs, const Path& path) {
  const auto log = logs.open(path);
  if (!log) return log.error().message() + "\n";
  auto tail = lastLines(**log, kLogLines, kLogTailBytes);
  return tail ? std::move(*tail) : tail.error().message() + "\n";
}

std::string probeLines(const std::vector<ProbeResult>& probes) {
  std::string text;
  for (const auto& probe : probes) {
    text +=
        std::to_string(probe.sinceStart.count()) + " ms " + (probe.healthy ? "healthy " : "unhealthy ") + probe.text + "\n";
  }
  return text;
}

std::map<std::string, std::string> environmentOf(const InstanceSpec& spec) {
  std::map<std::string, std::string> all;
  for (const auto& [key, variable] : spec.manifest.envSchema) {
    if (variable.otherwise) all[key] = *variable.otherwise;
  }
  for (const auto* part : {&spec.manifest.env, &spec.plan.env, &spec.policyEnv}) {
    for (const auto& [key, value] : *part) all[key] = value;
  }
  return all;
}

// "-KEY=old" and "+KEY=new" for every difference, sorted by key.
std::string environmentDifference(const InstanceSpec& before, const InstanceSpec& after) {
  const auto was = environmentOf(before), is = environmentOf(after);
  std::map<std::string, std::string> lines;
  for (const auto& [key, value] : was) {
    const auto there = is.find(key);
    if (there == is.end() || there->second != value) lines[key] += "-" + key + "=" + value + "\n";
  }
  for (const auto& [key, value] : is) {
    const auto there = was.find(key);
    if (there == was.end() || there->second != value) lines[key] += "+" + key + "=" + value + "\n";
  }
  std::string text;
  for (const auto& [key, line] : lines) text += line;
  return text;
}

}  // namespace

std::string collectEvidence(const LifeCollaborators& with, std::uint64_t change, const InstanceSpec& failed,
                            const TrialReport& report, const std::optional<InstanceSpec>& serving) {
  const Path folder = with.layout.evidence(change);
  std::vector<std::pair<std::string, std::string>> documents = {
      {"why.txt", std::string(name(report.error.code())) + ": " + report.error.message() + "\n"},
      {"log.txt", logTail(with.logs, failed.log)},
      {"probes.txt", probeLines(report.probes)},
      {"plan.json", failed.plan.toJson()}};
  if (serving) {
    documents.emplace_back("serving-plan.json", serving->plan.toJson());
    documents.emplace_back("environment.diff", environmentDifference(*serving, failed));
  }
  Result<void> written = with.files.makeFolders(folder);
  for (const auto& [file, text] : documents) {
    if (written) written = writeAtomically(with.files, folder / file, text);
  }
  if (!written) {
    with.events.record(
        {.type = "evidence-incomplete", .service = failed.manifest.service.text(), .why = written.error().message()});
  }
  return folder.name();
}

}  // namespace tenon::host
