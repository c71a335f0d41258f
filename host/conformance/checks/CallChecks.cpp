// Checks whose calls go to a plugin host, and the two that make none.
#include <algorithm>

#include "host/base/Limits.h"
#include "host/base/Log.h"
#include "host/base/Text.h"
#include "host/conformance/Exports.h"
#include "host/conformance/checks/Checks.h"
#include "host/conformance/requests/Mutations.h"

namespace tenon::host {

namespace {

constexpr std::string_view kPlan = "tenon.plan/1", kFingerprint = "tenon.fingerprint/1";

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

bool isReadable(const std::string& document) {
  return Json::parse(document, {.bytes = limits::kPluginDocumentBytes}) && json::parse(document);
}

// Refusals of what can't be read at all need no field; others do.
std::optional<std::string> fault(const std::string& request, const Result<Answer>& answer) {
  if (!answer) return answer.error().message();
  if (auto rule = brokenRule(*answer, kPlan)) return rule;
  if (answer->code != TENON_INVALID || !answer->told("field").empty() || !isReadable(request)) return std::nullopt;
  return "its refusal names no field: " + answer->shown();
}

// Two members that nobody knows: one to be ignored, and one to be refused.
std::optional<std::string> misunderstood(const Result<Answer>& before, const Result<Answer>& ignoring,
                                         const Result<Answer>& insisting, std::string_view schema) {
  if (!before) return before.error().message();
  if (!ignoring) return ignoring.error().message();
  if (!insisting) return insisting.error().message();
  if (*ignoring != *before) return "a member that it does not know changes its answer: " + ignoring->shown();
  if (insisting->code == TENON_OK)
    return std::string("it goes on though must_understand names a member that it cannot know");
  return brokenRule(*insisting, schema);
}

}  // namespace

CheckResult checkTypes(const Bench& bench) {
  Apart driver = bench.apart();
  for (const auto& each : bench.cases) {
    const std::string type = execTypeOf(each.request);
    const auto& provides = bench.manifest.provides;
    if (std::find(provides.begin(), provides.end(), type) == provides.end()) continue;
    const PlanCase other{each.name + ", as another exec type", withExecType(each.request, kUnknownType)};
    const auto refused = driver.plan(other.request), own = driver.plan(each.request);
    if (!refused || !own) continue;  // others tell what becomes of it
    if (refused->code == TENON_OK) {
      return bench.failedPlan(check::kManifest, other, "it plans an exec type that it does not provide");
    }
    // But for the type's name, which a driver may put into its message.
    const bool alike = own->code == refused->code && replacedAll(own->told("message"), type, "") ==
                                                         replacedAll(refused->told("message"), kUnknownType, "");
    if (alike && own->told("field") == "exec.type") {
      return bench.failedPlan(check::kManifest, each,
                              "the manifest provides " + type + ", and the library refuses it: " + own->shown());
    }
  }
  return Bench::passed(check::kManifest, bench.manifest.title() + " provides " + joined(bench.manifest.provides));
}

CheckResult checkExports(const Bench& bench) {
  constexpr std::string_view kEntry = "tenon_plugin_v1";
  constexpr std::size_t kShown = 5;
  if (bench.pluginBytes.empty()) return Bench::skipped(check::kExports, "the library could not be read");
  const auto names = exportedSymbols(bench.pluginBytes);
  if (!names) return Bench::failed(check::kExports, names.error().message());
  std::vector<std::string> others;
  std::copy_if(names->begin(), names->end(), std::back_inserter(others), [&](const auto& each) { return each != kEntry; });
  if (others.size() == names->size()) return Bench::failed(check::kExports, "it does not export " + std::string(kEntry));
  if (others.empty()) return Bench::passed(check::kExports, std::string(kEntry) + " and nothing else");
  const std::vector<std::string> first(others.begin(),
                                       others.begin() + static_cast<std::ptrdiff_t>(std::min(kShown, others.size())));
  return Bench::failed(check::kExports, "it exports " + counted(others.size(), "symbol") + " besides: " +
                                            escapeControls(joined(first)) + (others.size() > kShown ? ", ..." : ""));
}

CheckResult checkNonsense(const Bench& bench) {
  std::vector<std::string> bases;
  for (const auto& each : bench.cases) bases.push_back(bench.portable(each.request));
  Mutations mutations(bases, bench.options.seed);
  Apart driver = bench.apart();
  for (std::size_t i = 1; i <= bench.options.documents; ++i) {
    const PlanCase odd{"document " + std::to_string(i) + " of seed " + std::to_string(bench.options.seed),
                       bench.placed(mutations.next())};
    if (const auto wrong = fault(odd.request, driver.plan(odd.request))) {
      return bench.failedPlan(check::kNonsense, odd, *wrong);
    }
  }
  return Bench::passed(check::kNonsense, std::to_string(bench.options.documents) + " documents of seed " +
                                             std::to_string(bench.options.seed) + " are planned or refused");
}

CheckResult checkMembers(const Bench& bench) {
  Apart driver = bench.apart();
  for (std::size_t i = 0; i < bench.cases.size(); ++i) {
    const PlanCase& each = bench.cases[i];
    const PlanCase insisting{each.name + ", insisting", withUnknownMember(each.request, true)};
    const auto ignored = driver.plan(withUnknownMember(each.request, false));
    if (const auto wrong = misunderstood(bench.answers[i], ignored, driver.plan(insisting.request), kPlan)) {
      return bench.failedPlan(check::kMembers, insisting, *wrong);
    }
  }
  const std::string& asked = bench.fingerprintRequest;
  const auto ignored = driver.fingerprint(withUnknownMember(asked, false));
  if (const auto wrong =
          misunderstood(bench.fingerprint, ignored, driver.fingerprint(withUnknownMember(asked, true)), kFingerprint)) {
    return bench.failedFingerprint(check::kMembers, *wrong);
  }
  return Bench::passed(check::kMembers, counted(bench.cases.size(), "request") + " and the fingerprint's");
}

CheckResult checkGolden(const Bench& bench) {
  if (bench.golden.empty()) return Bench::skipped(check::kGolden, "no vectors are given: --golden DIR");
  for (std::size_t i = 0; i < bench.golden.size(); ++i) {  // they are the first of the cases
    const auto& answer = bench.answers[i];
    const auto wrong = answer ? difference(bench.golden[i], *answer) : std::optional(answer.error().message());
    if (wrong) return bench.failedPlan(check::kGolden, bench.cases[i], *wrong);
  }
  return Bench::passed(check::kGolden, counted(bench.golden.size(), "vector") + " as recorded");
}

}  // namespace tenon::host
