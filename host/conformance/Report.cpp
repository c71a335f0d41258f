#include "host/conformance/Report.h"

#include <algorithm>

namespace tenon::host {

std::string_view name(CheckVerdict verdict) {
  switch (verdict) {
    case CheckVerdict::Pass:
      return "pass";
    case CheckVerdict::Fail:
      return "fail";
    case CheckVerdict::Skip:
      return "skip";
  }
  return "skip";
}

bool ConformanceReport::failed() const {
  return std::any_of(checks.begin(), checks.end(), [](const auto& check) { return check.verdict == CheckVerdict::Fail; });
}

std::string_view ConformanceReport::outcome() const {
  if (failed()) return "failed";
  return planned ? "passed" : "inconclusive";
}

JsonObject ConformanceReport::document() const {
  JsonArray list;
  for (const auto& check : checks) {
    JsonObject row;
    row.set("id", check.id).set("verdict", name(check.verdict)).set("why", check.why);
    if (!check.kept.empty()) row.set("call", check.kept);
    list.add(row);
  }
  JsonObject document;
  document.set("schema", "tenon.conformance/1").set("plugin", plugin).set("version", version);
  document.set("library_sha256", content.hex()).set("tenon", tenon).set("at", formatTime(at)).set("seed", seed);
  return document.set("outcome", outcome()).set("checks", list);
}

}  // namespace tenon::host
