#include "host/app/ServiceRun.h"

#include <iostream>
#include <mutex>
#include <optional>

#include "host/app/InstalledPlugins.h"
#include "host/app/RunFolder.h"
#include "host/driver/DriverCatalog.h"
#include "host/driver/ServiceFolder.h"
#include "host/runtime/ForegroundRuntime.h"

namespace tenon::host {

namespace {

constexpr Millis kFollow{100};
constexpr std::uint64_t kLogBytes = std::uint64_t{1} << 40;  // never rotated: it is shown as it comes, and goes with the run

Result<Environment> environmentOf(const std::vector<std::string>& settings) {
  Environment environment;
  for (const auto& setting : settings) {
    const auto at = setting.find('=');
    if (at == std::string::npos || !isEnvironmentName(setting.substr(0, at))) {
      return Error(ErrorCode::Usage, "--env " + setting + ": expected NAME=VALUE");
    }
    environment.emplace_back(setting.substr(0, at), setting.substr(at + 1));
  }
  return environment;
}

}  // namespace

class ServiceRun::Parts {
 public:
  Parts(PlatformAdapter& adapter, const Clock& clock, std::ostream& out, std::ostream& err)
      : adapter_(adapter),
        clock_(clock),
        out_(out),
        err_(err),
        drivers_(adapter.facts().platforms, adapter.facts().searchPath, clock) {}

  ~Parts() {
    if (running_) running_->end();
    if (follower_) show();
    if (!lock_) return;
    static_cast<void>(adapter_.files().removeTree(work_));
    static_cast<void>(adapter_.files().removeFile(lockFile_));
  }

  Result<void> plan(const RunOptions& options);
  const LaunchPlan& launchPlan() const { return spec_->plan; }
  Result<void> start(std::function<void()> ended);
  Result<void> outcome() const {
    const std::lock_guard lock(mutex_);
    return failure_ ? Result<void>(*failure_) : Result<void>();
  }

 private:
  // What runs the service, and what shows its log.
  struct Running {
    explicit Running(Parts& of);
    void end();
    Parts& run;
    ForegroundRuntime runtime;
    LoopTimer follow{runtime.logLoop()};
  };

  Result<void> takeDrivers(const RunOptions& options);
  Result<void> takeWorkFolder();
  void tell(const std::string& line) const;
  void tellPlan() const;
  void tellIgnored() const;
  void show();  // what the service wrote
  void follow();
  void observe(const InstanceStatus& status);

  PlatformAdapter& adapter_;
  const Clock& clock_;
  std::ostream &out_, &err_;
  StderrLog log_{LogLevel::Warning};
  std::unique_ptr<PluginHosts> pluginHosts_;
  std::optional<PluginLoader> plugins_;
  DriverCatalog drivers_;
  std::optional<InstanceSpec> spec_;
  Path work_, lockFile_;
  std::optional<FileLock> lock_;
  std::optional<Follower> follower_;
  std::function<void()> ended_;
  SupervisionState last_ = SupervisionState::Stopped;  // loop's thread
  mutable std::mutex mutex_;
  std::optional<Error> failure_;
  WorkerPool helpers_{1};
  std::unique_ptr<Running> running_;
};

ServiceRun::Parts::Running::Running(Parts& of)
    : run(of), runtime({run.adapter_, run.clock_, run.log_, run.work_}, [this](const InstanceStatus& status) {
        run.observe(status);
      }) {}

void ServiceRun::Parts::Running::end() {
  runtime.loop().postAndWait([this] { run.ended_ = nullptr; });
  runtime.end(run.spec_->manifest.service);
}

// A driver that is named is the only one: whose plan it is must not be a question.
Result<void> ServiceRun::Parts::takeDrivers(const RunOptions& options) {
  pluginHosts_ = pluginHosts(adapter_, log_, options.folder, {});
  plugins_.emplace(adapter_.files(), log_, pluginHosts_.get());
  const std::string& library = options.driver;
  if (library.empty()) {
    TENON_TRY(const auto installed,
              plugins_->loadFolder(installedPlugins(adapter_.facts()), PluginLoader::Trust::Installed));
    for (const auto& plugin : installed) drivers_.add(plugin);
    return {};
  }
  const auto plugin = plugins_->load(Path(library), PluginLoader::Trust::Developer);
  if (plugin.state != PluginState::Ready) {
    return Error(ErrorCode::DriverIncompatible, library + " is " + std::string(name(plugin.state)) + ": " + plugin.why);
  }
  drivers_.add(plugin);
  return {};
}

// Whoever ends removes the lock's file while it has the lock: a lock on a file that is gone by then is none.
Result<void> ServiceRun::Parts::takeWorkFolder() {
  Files& files = adapter_.files();
  const Path file(work_.text() + ".lock");
  const Error busy = Error(ErrorCode::Busy, spec_->packageDir.text() + " is run already by another tenon run")
                         .withHint("end that one first");
  constexpr int kTries = 3;
  for (int i = 0; i < kTries; ++i) {
    auto lock = FileLock::acquire(files, file);
    if (!lock) return lock.error().code() == ErrorCode::Busy ? busy : lock.error();
    if (!files.exists(file)) continue;
    lock_.emplace(*std::move(lock));
    lockFile_ = file;
    return files.makePrivateFolders(work_);
  }
  return busy;
}

Result<void> ServiceRun::Parts::plan(const RunOptions& options) {
  TENON_TRY(auto service, ServiceFolder::read(adapter_.files(), options.folder, adapter_.facts().platforms));
  TENON_TRY(auto settings, environmentOf(options.environment));
  TENON_CHECK(takeDrivers(options));
  auto request = service.request();
  request.env = service.manifest.environmentForDrivers(settings);
  TENON_TRY(auto launch, drivers_.plan(service.variant().execType, service.variant().driverPin, request));
  work_ = runFolderOf(options.folder);
  service.manifest.logs.maxBytes = kLogBytes;
  const InstalledRelease release{service.manifest.version, service.platform, Digest()};
  spec_ = InstanceSpec{.manifest = std::move(service.manifest),
                       .release = release,
                       .plan = std::move(launch),
                       .packageDir = options.folder,
                       .dataDir = options.data.text().empty() ? work_ / "data" : options.data,
                       .log = work_ / "service.log",
                       .policyEnv = std::move(settings)};
  return {};
}

// A line is written at once: what the service writes comes from another thread, and may not land in its middle.
void ServiceRun::Parts::tell(const std::string& line) const { err_ << line + '\n' << std::flush; }

void ServiceRun::Parts::tellPlan() const {
  const auto& plan = spec_->plan;
  std::string words = plan.program;
  for (const auto& arg : plan.args) words += " " + arg;
  tell(spec_->manifest.service.text() + ' ' + spec_->manifest.version.text() + " for " + spec_->release.platform.text() +
       ", planned by driver " + plan.driver + ' ' + plan.driverVersion + ":\n  " + words);
}

// What takes an agent, and is not there.
void ServiceRun::Parts::tellIgnored() const {
  const auto& manifest = spec_->manifest;
  if (!manifest.models.empty()) tell("its models are not fetched: they have to lie in models/ already");
  for (const auto& other : manifest.requires_) {
    tell("it requires " + other.service.text() + ", which is not looked for");
  }
}

Result<void> ServiceRun::Parts::start(std::function<void()> ended) {
  TENON_CHECK(takeWorkFolder());
  ended_ = std::move(ended);
  tellPlan();
  tellIgnored();
  static_cast<void>(adapter_.files().removeFile(spec_->log));  // of a run that was killed
  follower_.emplace(adapter_.files(), spec_->log);
  running_ = std::make_unique<Running>(*this);
  ForegroundRuntime& runtime = running_->runtime;
  runtime.start();
  runtime.services().adoptRecorded([](const InstanceRecord&) { return std::optional<InstanceSpec>(); }, helpers_);
  runtime.logLoop().post([this] { follow(); });
  runtime.services().launch(*spec_, true);
  return {};
}

void ServiceRun::Parts::show() {
  follower_->pump([this](std::string_view text) { out_ << text; });
  out_.flush();
}

void ServiceRun::Parts::follow() {
  show();
  running_->follow.start(kFollow, [this] { follow(); });
}

void ServiceRun::Parts::observe(const InstanceStatus& status) {
  if (std::exchange(last_, status.state) == status.state) return;
  std::string line = status.service.text() + " is " + std::string(name(status.state));
  if (status.state == SupervisionState::Ready && status.port != 0) {
    const bool isHttp = spec_->manifest.health.type == HealthCheck::Type::Http;
    line += std::string(" at ") + (isHttp ? "http://" : "") + "127.0.0.1:" + std::to_string(status.port) + ", process " +
            std::to_string(status.pid);
  }
  tell(line + (status.why.empty() || status.why == name(status.state) ? "" : ": " + status.why));
  if (status.state != SupervisionState::Failed && status.state != SupervisionState::Stopped) return;
  if (status.state == SupervisionState::Failed) {
    const std::lock_guard lock(mutex_);
    failure_ = Error(ErrorCode::CrashLoop, status.service.text() + ": " + status.why);
  }
  if (auto ended = std::exchange(ended_, nullptr)) ended();
}

ServiceRun::ServiceRun(PlatformAdapter& adapter, const Clock& clock, std::ostream& out, std::ostream& err)
    : parts_(std::make_unique<Parts>(adapter, clock, out, err)) {}

ServiceRun::~ServiceRun() = default;

Result<void> ServiceRun::plan(const RunOptions& options) { return parts_->plan(options); }

std::string ServiceRun::planText() const { return parts_->launchPlan().toJson(); }

Result<void> ServiceRun::start(std::function<void()> ended) { return parts_->start(std::move(ended)); }

Result<void> ServiceRun::outcome() const { return parts_->outcome(); }

}  // namespace tenon::host
