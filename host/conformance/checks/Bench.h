// What the checks share: the plugin, what it is asked, what it answered at first, and a folder that goes with this. Internal
// to conformance.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/base/Text.h"
#include "host/conformance/CheckPages.h"
#include "host/conformance/Conformance.h"
#include "host/conformance/inside/Inspection.h"
#include "host/conformance/requests/Requests.h"
#include "host/driver/DriverCalls.h"
#include "host/driver/PluginHosts.h"

namespace tenon::host {

// The folder of one run of the kit.
class WorkFolder {
 public:
  static Result<WorkFolder> make(Files& files);
  WorkFolder(WorkFolder&& other) noexcept : files_(other.files_), path_(std::exchange(other.path_, Path())) {}
  WorkFolder& operator=(WorkFolder&&) = delete;
  ~WorkFolder();
  const Path& path() const { return path_; }

 private:
  WorkFolder(Files& files, Path path) : files_(files), path_(std::move(path)) {}
  Files& files_;
  Path path_;
};

// A driver in a plugin host. Each call is answered, or the error says how the process ended; the next starts it again.
class Apart {
 public:
  Apart(const Plugin& plugin, const Clock& clock) : calls_(callsIsolated(plugin, clock)) {}
  Result<Answer> plan(std::string_view request);
  Result<Answer> fingerprint(std::string_view request);

 private:
  std::unique_ptr<DriverCalls> calls_;
};

class Bench {
 public:
  Bench(const ConformanceTools& tools, const ConformanceOptions& options, WorkFolder work);

  // Reads the library and its manifest, loads and opens it apart. Error: what manifest-valid fails with.
  Result<void> load();
  // The vectors, and the packages that requests speak of. Error: of --golden.
  Result<void> makePackages();
  // After that: what it is asked in the checks, and its first answers. Error: of --service.
  Result<void> prepare();

  const ConformanceTools tools;
  const ConformanceOptions options;
  std::string pluginBytes;  // empty: not to be read
  PluginManifest manifest;
  std::string fingerprintRequest;
  Result<Answer> fingerprint;  // its first
  std::vector<GoldenVector> golden;
  std::vector<PlanCase> cases;
  std::vector<Result<Answer>> answers;  // of the cases, apart

  Apart apart() const { return {plugin_, tools.clock}; }
  const Plugin& plugin() const { return plugin_; }
  bool planned() const;
  Result<Inspection> inspect(const InspectionJob& job) const;
  // With the library, the requests and the usual time.
  InspectionJob job(InspectionJob::Task task) const;
  const Path& work() const { return work_.path(); }
  // A request without this run's folder in it, and the other way round: the same in every run, and in kept calls.
  std::string portable(std::string request) const { return replacedAll(std::move(request), work().text(), kWorkPlace); }
  std::string placed(std::string request) const { return replacedAll(std::move(request), kWorkPlace, work().text()); }

  // Verdicts. failed() on a call keeps it.
  static CheckResult passed(std::string_view id, std::string why);
  static CheckResult skipped(std::string_view id, std::string why);
  static CheckResult failed(std::string_view id, std::string why);
  CheckResult failedPlan(std::string_view id, const PlanCase& each, const std::string& why) const;
  CheckResult failedFingerprint(std::string_view id, const std::string& why) const;
  // What an inspection that did not end well means: the call that it was in, kept.
  CheckResult died(std::string_view id, const Inspection& inspection) const;

 private:
  Result<void> readManifest();
  CheckResult keep(std::string_view id, KeptCall call, std::string why) const;

  WorkFolder work_;
  NullLog log_;
  std::unique_ptr<PluginHosts> hosts_;
  std::unique_ptr<PluginLoader> loader_;
  Plugin plugin_;
};

}  // namespace tenon::host
