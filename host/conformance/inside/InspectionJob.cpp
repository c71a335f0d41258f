#include "host/conformance/inside/InspectionJob.h"

#include <algorithm>
#include <array>

#include "host/base/Limits.h"

namespace tenon::host {

namespace {

constexpr std::array<std::string_view, 6> kTasks = {"load", "repeat", "answer", "refuse", "serve", "adopt"};

Result<Path> pathAt(const Json& document, std::string_view key) {
  TENON_TRY(std::string text, document.stringOr(key, ""));
  return Path(std::move(text));
}

}  // namespace

std::string InspectionJob::toJson() const {
  JsonArray list;
  for (const auto& each : cases) list.add(JsonObject().set("name", each.name).set("request", each.request));
  JsonObject document;
  document.set("schema", "tenon.inspection/1").set("task", kTasks[static_cast<std::size_t>(task)]);
  document.set("library", pluginFile.text()).set("fingerprint_request", fingerprintRequest).set("cases", list);
  document.set("service", service.text()).set("work", work.text()).set("plan", plan);
  return document.set("most_ms", static_cast<std::int64_t>(most.count())).text();
}

Result<InspectionJob> InspectionJob::parse(std::string_view text) {
  TENON_TRY(const auto document, Json::parse(text, {.bytes = limits::kInspectionBytes}));
  InspectionJob job;
  TENON_TRY(const auto task, document.member("task"));
  TENON_TRY(const auto word, task.string());
  const auto found = std::find(kTasks.begin(), kTasks.end(), word);
  if (found == kTasks.end()) return task.wrong("is no task");
  job.task = static_cast<Task>(found - kTasks.begin());
  TENON_TRY(job.pluginFile, pathAt(document, "library"));
  TENON_TRY(job.fingerprintRequest, document.stringOr("fingerprint_request", ""));
  TENON_TRY(const auto cases, document.member("cases"));
  TENON_TRY(const auto list, cases.array());
  for (const auto& each : list) {
    PlanCase one;
    TENON_TRY(one.name, each.stringOr("name", ""));
    TENON_TRY(one.request, each.stringOr("request", ""));
    job.cases.push_back(std::move(one));
  }
  TENON_TRY(job.service, pathAt(document, "service"));
  TENON_TRY(job.work, pathAt(document, "work"));
  TENON_TRY(job.plan, document.stringOr("plan", ""));
  constexpr std::int64_t kDay = 24 * 3600 * 1000;
  TENON_TRY(const auto most, document.integerOr("most_ms", kDay, 1, kDay));
  job.most = Millis{most};
  return job;
}

}  // namespace tenon::host
