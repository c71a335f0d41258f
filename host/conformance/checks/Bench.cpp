#include "host/conformance/checks/Bench.h"

#include <algorithm>

#include "host/adapter/AtomicFile.h"
#include "host/base/Limits.h"
#include "host/driver/PluginDriver.h"
#include "host/driver/package/PluginPackage.h"
#include "host/trust/Sha256.h"

namespace tenon::host {

namespace {

constexpr std::string_view kEmptyPackage = "package";

}  // namespace

Result<WorkFolder> WorkFolder::make(Files& files) {
  Path path = temporaryFolder() / ("tenon-check-" + uniqueSuffix());
  TENON_CHECK(files.makePrivateFolders(path));
  return WorkFolder(files, std::move(path));
}

WorkFolder::~WorkFolder() {
  if (!path_.empty()) static_cast<void>(files_.removeTree(path_));
}

Result<Answer> Apart::plan(std::string_view request) {
  AnswerSink sink;
  TENON_TRY(const auto code, calls_->plan(request, sink.sink()));
  return sink.returned(code);
}

Result<Answer> Apart::fingerprint(std::string_view request) {
  AnswerSink sink;
  TENON_TRY(const auto code, calls_->fingerprint(request, sink.sink()));
  return sink.returned(code);
}

Bench::Bench(const ConformanceTools& with, const ConformanceOptions& wanted, WorkFolder work)
    : tools(with), options(wanted), work_(std::move(work)) {
  PluginHostSetting setting{.program = tools.pluginHost, .readable = {work_.path()}, .user = {}};
  if (!options.service.empty()) setting.readable.push_back(options.service);
  hosts_ = std::make_unique<PluginHosts>(*tools.adapter.channels(), log_, std::move(setting));
  loader_ = std::make_unique<PluginLoader>(tools.adapter.files(), log_, hosts_.get());
  const auto& facts = tools.adapter.facts();
  fingerprintRequest = fingerprintRequestDocument(facts.platforms, facts.searchPath);
}

Result<void> Bench::readManifest() {
  TENON_TRY(const auto plugin, PluginFiles::of(options.pluginFile));
  const Path& file = plugin.manifest;
  TENON_TRY(const auto text, tools.adapter.files().readAll(file, limits::kPluginDocumentBytes));
  TENON_TRY(manifest, withContext(file.name(), PluginManifest::parse(text)));
  TENON_TRY(const auto document, Json::parse(text));
  TENON_TRY(const auto digest, document.stringOr("sha256", ""));
  if (!digest.empty() && digest != sha256(pluginBytes).hex()) {
    return Error(ErrorCode::FormatInvalid, file.name() + " names another SHA-256 than the library has");
  }
  if (manifest.family != "runtime-driver") {
    return Error(ErrorCode::FormatInvalid, manifest.title() + " is no runtime driver, and only drivers can be checked");
  }
  return {};
}

Result<void> Bench::load() {
  TENON_TRY(pluginBytes, tools.adapter.files().readAll(options.pluginFile, limits::kPluginLibraryBytes));
  TENON_CHECK(readManifest());
  plugin_ = loader_->load(options.pluginFile, PluginLoader::Trust::Developer);
  if (plugin_.state != PluginState::Ready) return Error(ErrorCode::DriverIncompatible, plugin_.why);
  fingerprint = apart().fingerprint(fingerprintRequest);
  const std::string code = fingerprint ? fingerprint->told("code") : "";
  if (code == name(ErrorCode::DriverIncompatible) || code == name(ErrorCode::DriverCrashed)) {  // the plugin host's own
    return Error(ErrorCode::DriverIncompatible, manifest.title() + ": " + fingerprint->told("message"));
  }
  return {};
}

Result<void> Bench::makePackages() {
  Files& files = tools.adapter.files();
  TENON_CHECK(files.makeFolders(work() / kEmptyPackage));
  if (options.golden.empty()) return {};
  TENON_TRY(golden, readGoldenVectors(files, options.golden, work() / "golden"));
  return {};
}

Result<void> Bench::prepare() {
  const auto found = fingerprint ? fingerprintOf(fingerprint->document) : Result<Fingerprint>(Fingerprint());
  TENON_TRY(cases, planCases(tools.adapter, {golden, options.service, work() / kEmptyPackage}, manifest,
                             found.value_or(Fingerprint())));
  for (const auto& each : cases) answers.push_back(apart().plan(each.request));
  return {};
}

bool Bench::planned() const {
  return std::any_of(answers.begin(), answers.end(), [](const auto& answer) { return answer && answer->planned(); });
}

Result<Inspection> Bench::inspect(const InspectionJob& job) const {
  return Inspection::start({tools.adapter, tools.clock, tools.tenon, work()}, job);
}

InspectionJob Bench::job(InspectionJob::Task task) const {
  return {.task = task,
          .pluginFile = options.pluginFile,
          .fingerprintRequest = fingerprintRequest,
          .cases = cases,
          .service = {},
          .work = {},
          .plan = {},
          .most = task == InspectionJob::Task::Repeat ? limits::kLongInspection : limits::kShortInspection};
}

CheckResult Bench::passed(std::string_view id, std::string why) {
  return {std::string(id), CheckVerdict::Pass, std::move(why), ""};
}
CheckResult Bench::skipped(std::string_view id, std::string why) {
  return {std::string(id), CheckVerdict::Skip, std::move(why), ""};
}
CheckResult Bench::failed(std::string_view id, std::string why) {
  return {std::string(id), CheckVerdict::Fail, std::move(why), ""};
}

CheckResult Bench::keep(std::string_view id, KeptCall call, std::string why) const {
  call.plugin = manifest.name;
  call.version = manifest.version;
  call.pluginFile = options.pluginFile;
  call.golden = options.golden;
  call.request = portable(std::move(call.request));
  call.check = id;
  call.told = why;
  const auto path = keepCall(tools.adapter.files(), options.keep, call);
  CheckResult result = failed(id, std::move(why));
  if (path) {
    result.kept = path->text();
  } else {
    result.why += " (the call could not be kept: " + path.error().message() + ")";
  }
  return result;
}

CheckResult Bench::failedPlan(std::string_view id, const PlanCase& each, const std::string& why) const {
  KeptCall call;
  call.request = each.request;
  return keep(id, std::move(call), each.name + ": " + why);
}

CheckResult Bench::failedFingerprint(std::string_view id, const std::string& why) const {
  KeptCall call;
  call.plan = false;
  call.request = fingerprintRequest;
  return keep(id, std::move(call), "fingerprint: " + why);
}

CheckResult Bench::died(std::string_view id, const Inspection& inspection) const {
  std::string how = "it could not be opened";
  if (const auto fault = inspection.fault()) {
    how = "the process that ran it did not go on: " + *fault;
  } else if (const auto error = inspection.last("error")) {
    how = error->stringOr("error", "").value_or("");
  }
  const auto begun = inspection.last("begins");
  if (!begun) return failed(id, how);
  const auto which = begun->integerOr("begins", -1, -1, static_cast<std::int64_t>(cases.size()) - 1).value_or(-1);
  return which < 0 ? failedFingerprint(id, how) : failedPlan(id, cases[static_cast<std::size_t>(which)], how);
}

}  // namespace tenon::host
