// Checks whose calls are made where the plugin is loaded into: a process of this program.
#include "host/base/Limits.h"
#include "host/base/Text.h"
#include "host/conformance/checks/Checks.h"
#include "host/contract/service/LaunchPlan.h"
#include "host/driver/PluginDriver.h"

namespace tenon::host {

namespace {

bool endedWell(const Inspection& inspection) {
  const auto done = inspection.last("done");
  return !inspection.fault() && done && done->booleanOr("done", false).value_or(false);
}

// The process that did it, at its end; or the row of a check that could not be done, or of a plugin that crashed.
struct Done {
  std::optional<Inspection> inspection;
  CheckResult otherwise;
};
Done inspected(const Bench& bench, std::string_view id, InspectionJob::Task task) {
  auto started = bench.inspect(bench.job(task));
  if (!started) return {std::nullopt, Bench::failed(id, "it could not be looked at: " + started.error().message())};
  started->waitForEnd();
  if (!endedWell(*started)) return {std::nullopt, bench.died(id, *started)};
  return {*std::move(started), {}};
}

// Of a call that was told to take nothing.
std::optional<std::string> wentOn(const Json& said) {
  const auto code = numberIn(said, "code"), documents = numberIn(said, "documents");
  if (documents == 0) return std::nullopt;  // it refused by itself
  if (documents > 1) return "it offers " + std::to_string(documents) + " documents after the host took none";
  if (code == TENON_CANCELLED) return std::nullopt;
  return "it returns code " + std::to_string(code) + " though the host took no document: expected TENON_CANCELLED (4)";
}

}  // namespace

CheckResult checkLoads(const Bench& bench) {
  constexpr std::int64_t kBarMicros = 100'000, kMicrosInMilli = 1000;
  const auto [inspection, otherwise] = inspected(bench, check::kLoads, InspectionJob::Task::Load);
  if (!inspection) return otherwise;
  const auto said = inspection->last("left"), loaded = inspection->last("loaded_us"), unseen = inspection->last("unseen");
  if (!said || !loaded) return bench.died(check::kLoads, *inspection);
  const auto left = said->stringsOr("left", {}).value_or(std::vector<std::string>());
  if (!left.empty()) return Bench::failed(check::kLoads, escapeControls(joined(left)));
  if (unseen) return Bench::skipped(check::kLoads, textIn(*unseen, "unseen"));
  const auto micros = numberIn(*loaded, "loaded_us");
  const std::string time = std::to_string(micros / kMicrosInMilli) + "." +
                           std::to_string(micros % kMicrosInMilli / (kMicrosInMilli / 10)) + " ms";
  return Bench::passed(check::kLoads, "loaded in " + time + (micros > kBarMicros ? ", which is more than 100 ms" : "") +
                                          "; nothing is left of it");
}

CheckResult checkRepeatable(const Bench& bench) {
  for (std::size_t i = 0; i < bench.cases.size(); ++i) {
    const auto& answer = bench.answers[i];
    if (!answer) continue;  // it is asked again below
    if (const auto rule = brokenRule(*answer, "tenon.plan/1"))
      return bench.failedPlan(check::kRepeatable, bench.cases[i], *rule);
    if (!answer->planned()) continue;
    if (const auto plan = LaunchPlan::parse(answer->document); !plan) {
      return bench.failedPlan(check::kRepeatable, bench.cases[i], "the host can't read its plan: " + plan.error().message());
    }
  }
  const auto [inspection, otherwise] = inspected(bench, check::kRepeatable, InspectionJob::Task::Repeat);
  if (!inspection) return otherwise;
  if (const auto differs = inspection->last("differs")) {
    const auto which = static_cast<std::size_t>(numberIn(*differs, "differs"));
    return bench.failedPlan(check::kRepeatable, bench.cases[which],
                            "planned again " + textIn(*differs, "where") + " it gave " + textIn(*differs, "other") +
                                ", and at first " + textIn(*differs, "first"));
  }
  return Bench::passed(check::kRepeatable, std::to_string(bench.cases.size()) + " requests, " +
                                               std::to_string(limits::kRepeatedPlans) + " times in a row and by " +
                                               std::to_string(limits::kPlanningThreads) + " threads");
}

CheckResult checkHosting(const Bench& bench) {
  const auto [inspection, otherwise] = inspected(bench, check::kHosting, InspectionJob::Task::Answer);
  if (!inspection) return otherwise;
  std::size_t same = 0;
  for (const auto& said : inspection->said()) {
    if (!said.find("answer")) continue;
    const auto which = static_cast<std::size_t>(numberIn(said, "answer"));
    const auto& apart = bench.answers[which];
    if (!apart) return bench.failedPlan(check::kHosting, bench.cases[which], apart.error().message());
    if (apart->digest().hex() != textIn(said, "digest")) {
      return bench.failedPlan(check::kHosting, bench.cases[which],
                              "in a process of its own it gave " + apart->shown() + ", in tenon's " + textIn(said, "shown"));
    }
    ++same;
  }
  if (same != bench.cases.size()) return bench.died(check::kHosting, *inspection);
  return Bench::passed(check::kHosting, std::to_string(same) + " requests, the same bytes");
}

CheckResult checkEnds(const Bench& bench) {
  const auto& fingerprint = bench.fingerprint;
  if (!fingerprint) return bench.failedFingerprint(check::kEnds, fingerprint.error().message());
  if (const auto rule = brokenRule(*fingerprint, "tenon.fingerprint/1")) return bench.failedFingerprint(check::kEnds, *rule);
  if (fingerprint->planned()) {
    if (const auto read = fingerprintOf(fingerprint->document); !read) {
      return bench.failedFingerprint(check::kEnds, read.error().message());
    }
  }
  const auto [inspection, otherwise] = inspected(bench, check::kEnds, InspectionJob::Task::Refuse);
  if (!inspection) return otherwise;
  for (const auto& said : inspection->said()) {
    if (!said.find("answer")) continue;
    const auto wrong = wentOn(said);
    const auto which = numberIn(said, "answer");
    if (wrong && which < 0) return bench.failedFingerprint(check::kEnds, *wrong);
    if (wrong) return bench.failedPlan(check::kEnds, bench.cases[static_cast<std::size_t>(which)], *wrong);
  }
  return Bench::passed(check::kEnds, "the fingerprint came in time, and a call that is told to stop stops");
}

}  // namespace tenon::host
