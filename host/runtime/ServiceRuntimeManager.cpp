#include "host/runtime/ServiceRuntimeManager.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <random>
#include <utility>

#include "host/runtime/InstanceRecords.h"
#include "host/runtime/StatusBoard.h"
#include "host/runtime/process/EndRouter.h"
#include "host/runtime/process/Launcher.h"
#include "host/runtime/supervision/Supervisor.h"

namespace tenon::host {

void ProcessEventSource::waitAndDispatch(Millis most) {
  const auto ends = processes_.wait(most);
  if (!ends) {
    if (faultHandler_) faultHandler_(ends.error());
    return;
  }
  for (const ProcessEnd& end : *ends) {
    if (handler_) handler_(end);
  }
}

namespace {

// A promise that the loop keeps, or nobody.
template <class T>
class Answer {
 public:
  Answer() = default;
  ~Answer() {
    if (!given_) promise_.set_value(Error(ErrorCode::Cancelled, "the agent ends"));
  }
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;

  std::future<Result<T>> future() { return promise_.get_future(); }
  void give(Result<T> result) {
    given_ = true;
    promise_.set_value(std::move(result));
  }

 private:
  std::promise<Result<T>> promise_;
  bool given_ = false;
};

}  // namespace

// Members of the loop's thread, but for the board, the numbers and `detached_`.
class ServiceRuntimeManager::Impl final : public Supervisor::Owner {
 public:
  Impl(Collaborators with, Observer observer);
  ~Impl() override;

  InstanceNumber launch(InstanceSpec spec, bool serving);
  void post(std::function<void()> task);
  Supervisor* find(const ServiceId& service, InstanceNumber number);
  std::vector<Supervisor*> instancesOf(const ServiceId& service);
  void promote(const ServiceId& service, InstanceNumber number);
  std::vector<InstanceStatus> adoptRecorded(const SpecFor& specFor, WorkerPool& helpers);
  void detach();
  const StatusBoard& board() const { return board_; }
  Processes& processes() { return processes_; }
  Executions& executions() { return executions_; }

  void changed(const InstanceStatus& status) override;
  void gone(const InstanceStatus& status) override;

 private:
  using Key = std::pair<ServiceId, InstanceNumber>;
  struct Adoption {
    InstanceSpec spec;
    InstanceRecord record;
    Result<ProcessId> process;
  };

  InstanceNumber nextNumber(const ServiceId& service);
  Supervisor& add(InstanceSpec spec, InstanceNumber number, bool serving);
  void endStray(const InstanceRecord& record);
  void takeUp(std::vector<Adoption>& adoptions);

  Loop& loop_;
  ProcessEventSource& ends_;
  Processes& processes_;
  ServiceLogs& logs_;
  Log& log_;
  const Observer observer_;

  ContainmentMark mark_;
  Launcher launcher_;
  InstanceRecords records_;
  EndRouter router_;
  std::minstd_rand random_{std::random_device{}()};
  SupervisionTools tools_;
  std::map<Key, std::unique_ptr<Supervisor>> supervisors_;
  Executions executions_;
  bool complained_ = false;

  StatusBoard board_;
  std::mutex numbersMutex_;
  std::map<std::string, InstanceNumber> numbers_;  // the highest that was given
  std::atomic<bool> detached_ = false;
};

ServiceRuntimeManager::Impl::Impl(Collaborators with, Observer observer)
    : loop_(with.loop),
      ends_(with.ends),
      processes_(with.processes),
      logs_(with.logs),
      log_(with.log),
      observer_(std::move(observer)),
      mark_(with.files, with.log, std::move(with.mark)),
      launcher_(with.files, std::move(with.searchPath), mark_),
      records_(with.files, with.log, std::move(with.instances)),
      tools_{with.files,
             with.processes,
             with.loop,
             with.prober,
             with.ports,
             with.logs,
             with.log,
             launcher_,
             records_,
             router_,
             [this] { return std::uniform_real_distribution<double>(0, 1)(random_); },
             std::move(with.probed)},
      executions_(tools_, std::move(with.executions)),
      numbers_(records_.highest()) {
  loop_.post([this] {
    ends_.onEnd([this](const ProcessEnd& end) {
      if (!detached_) router_.dispatch(end);
    });
    ends_.onFault([this](const Error& error) {
      if (!std::exchange(complained_, true)) log_.error("the ends of processes are not told: " + error.message());
    });
  });
}

ServiceRuntimeManager::Impl::~Impl() {
  ends_.onEnd(nullptr);
  ends_.onFault(nullptr);
}

void ServiceRuntimeManager::Impl::post(std::function<void()> task) {
  loop_.post([this, task = std::move(task)] {
    if (!detached_) task();
  });
}

InstanceNumber ServiceRuntimeManager::Impl::nextNumber(const ServiceId& service) {
  const std::lock_guard lock(numbersMutex_);
  return ++numbers_[service.text()];
}

InstanceNumber ServiceRuntimeManager::Impl::launch(InstanceSpec spec, bool serving) {
  const ServiceId service = spec.manifest.service;
  logs_.expect(spec.log, spec.manifest.logs);
  const InstanceNumber number = nextNumber(service);
  board_.put({service, number, spec.release, serving, SupervisionState::Stopped, "", 0, {}, 0, "", 0});
  post([this, service, number, serving, shared = std::make_shared<InstanceSpec>(std::move(spec))] {
    add(std::move(*shared), number, serving).start();
    if (serving) promote(service, number);
  });
  return number;
}

Supervisor& ServiceRuntimeManager::Impl::add(InstanceSpec spec, InstanceNumber number, bool serving) {
  const Key key(spec.manifest.service, number);
  auto& place = supervisors_[key];
  place = std::make_unique<Supervisor>(tools_, *this, std::move(spec), number, serving);
  return *place;
}

Supervisor* ServiceRuntimeManager::Impl::find(const ServiceId& service, InstanceNumber number) {
  const auto found = supervisors_.find({service, number});
  return found == supervisors_.end() ? nullptr : found->second.get();
}

std::vector<Supervisor*> ServiceRuntimeManager::Impl::instancesOf(const ServiceId& service) {
  std::vector<Supervisor*> out;
  for (auto at = supervisors_.lower_bound({service, 0}); at != supervisors_.end() && at->first.first == service; ++at) {
    out.push_back(at->second.get());
  }
  return out;
}

void ServiceRuntimeManager::Impl::promote(const ServiceId& service, InstanceNumber number) {
  if (find(service, number) == nullptr) {
    log_.warning(service.text() + "." + std::to_string(number) + " cannot serve: it is not there any more");
    return;
  }
  std::vector<InstanceStatus> moved;
  for (Supervisor* each : instancesOf(service)) {
    const bool serves = each->status().number == number;
    if (each->status().serving == serves) continue;
    each->setServing(serves);
    moved.push_back(each->status());
  }
  board_.putAll(moved);
  for (const InstanceStatus& status : moved) observer_(status);
}

void ServiceRuntimeManager::Impl::changed(const InstanceStatus& status) {
  board_.put(status);
  observer_(status);
}

void ServiceRuntimeManager::Impl::gone(const InstanceStatus& status) {
  post([this, key = Key(status.service, status.number)] {
    board_.erase(key.first, key.second);
    supervisors_.erase(key);
  });
}

// ---- adoption ----

std::vector<InstanceStatus> ServiceRuntimeManager::Impl::adoptRecorded(const SpecFor& specFor, WorkerPool& helpers) {
  router_.beginAdoption();
  auto records = records_.readAll();
  std::vector<std::optional<Adoption>> found(records.size());
  std::vector<WorkerPool::Task> looks;
  for (std::size_t at = 0; at < records.size(); ++at) {
    looks.emplace_back([this, &specFor, &record = records[at], &adoption = found[at]] {
      auto spec = specFor(record);
      if (!spec) return;
      spec->trial = record.trial;
      adoption = Adoption{*std::move(spec), record, processes_.adopt(record.identity)};
    });
  }
  helpers.runAll(std::move(looks));

  auto adoptions = std::make_shared<std::vector<Adoption>>();
  std::vector<InstanceStatus> adopted;
  for (std::size_t at = 0; at < records.size(); ++at) {
    if (!found[at]) {
      endStray(records[at]);
      continue;
    }
    InstanceRecord& record = found[at]->record;
    if (!found[at]->process) {
      record.serving = false;  // what is gone must not be taken for the one that is launched in its place
    } else {
      adopted.push_back({record.service, record.number, record.release, record.serving, SupervisionState::Starting,
                         "taken up from an earlier agent", record.port, record.ports, record.pid, record.startedAt,
                         record.restarts, record.isolation});
    }
    adoptions->push_back(*std::move(found[at]));
  }
  mark_.begin(processes_);
  board_.putAll(adopted);
  post([this, adoptions] { takeUp(*adoptions); });
  return adopted;
}

void ServiceRuntimeManager::Impl::takeUp(std::vector<Adoption>& adoptions) {
  for (Adoption& each : adoptions) {
    add(std::move(each.spec), each.record.number, each.record.serving).adopt(each.record, each.process);
  }
  router_.endAdoption();
}

// A process of a service that is not installed any more: nothing says how it wants to be stopped.
void ServiceRuntimeManager::Impl::endStray(const InstanceRecord& record) {
  if (const auto process = processes_.adopt(record.identity)) {
    log_.warning(record.service.text() + "." + std::to_string(record.number) + " is not installed any more: killed");
    if (auto killed = processes_.killTree(*process); !killed) log_.error(killed.error().message());
    processes_.release(*process);
  }
  records_.remove(record.service, record.number);
}

void ServiceRuntimeManager::Impl::detach() {
  if (detached_.exchange(true)) return;
  loop_.post([this] {
    for (const auto& [key, supervisor] : supervisors_) supervisor->letGo();
  });
}

// ---- the face ----

ServiceRuntimeManager::ServiceRuntimeManager(Collaborators with, Observer observer)
    : impl_(std::make_unique<Impl>(std::move(with), std::move(observer))) {}

ServiceRuntimeManager::~ServiceRuntimeManager() = default;

InstanceNumber ServiceRuntimeManager::launch(InstanceSpec spec, bool serving) {
  return impl_->launch(std::move(spec), serving);
}

std::future<TrialReport> ServiceRuntimeManager::prove(InstanceNumber number, ServiceId service, Millis probation) {
  auto ticket = std::make_shared<ProofTicket>();
  std::future<TrialReport> future = ticket->future();
  impl_->post([impl = impl_.get(), number, service = std::move(service), probation, ticket = std::move(ticket)] {
    if (Supervisor* found = impl->find(service, number)) return found->prove(probation, ticket);
    TrialReport report;
    report.error = Error(ErrorCode::Cancelled, service.text() + "." + std::to_string(number) + " is not there any more");
    ticket->resolve(std::move(report));
  });
  return future;
}

void ServiceRuntimeManager::confirm(const ServiceId& service, InstanceNumber number) {
  impl_->post([impl = impl_.get(), service, number] {
    if (Supervisor* found = impl->find(service, number)) found->confirm();
  });
}

void ServiceRuntimeManager::promote(const ServiceId& service, InstanceNumber number) {
  impl_->post([impl = impl_.get(), service, number] { impl->promote(service, number); });
}

std::future<void> ServiceRuntimeManager::stop(const ServiceId& service, InstanceNumber number, Millis drain) {
  auto ticket = std::make_shared<StopTicket>();
  std::future<void> future = ticket->future();
  impl_->post([impl = impl_.get(), service, number, drain, ticket = std::move(ticket)] {
    if (Supervisor* found = impl->find(service, number)) found->stop(drain, ticket);
  });
  return future;
}

std::future<void> ServiceRuntimeManager::stopAll(const ServiceId& service) {
  auto ticket = std::make_shared<StopTicket>();
  std::future<void> future = ticket->future();
  impl_->post([impl = impl_.get(), service, ticket = std::move(ticket)] {
    for (Supervisor* each : impl->instancesOf(service)) each->stop(Millis{0}, ticket);
  });
  return future;
}

Result<void> ServiceRuntimeManager::restart(const ServiceId& service) {
  const auto now = serving(service);
  if (!now) return Error(ErrorCode::NotFound, service.text() + " has no instance that serves");
  if (now->state == SupervisionState::Stopping) return Error(ErrorCode::Busy, service.text() + " is being stopped");
  impl_->post([impl = impl_.get(), service, number = now->number] {
    if (Supervisor* found = impl->find(service, number)) found->restart();
  });
  return {};
}

// What `act` makes of the serving instance, on the loop.
template <class T, class Act>
std::future<Result<T>> ServiceRuntimeManager::onServing(const ServiceId& service, Act act) {
  auto answer = std::make_shared<Answer<T>>();
  auto future = answer->future();
  const auto now = running(service);
  if (!now) {
    answer->give(now.error());
    return future;
  }
  impl_->post([impl = impl_.get(), service, number = now->number, act = std::move(act), answer = std::move(answer)] {
    Supervisor* found = impl->find(service, number);
    answer->give(found ? act(*found) : Error(ErrorCode::NotFound, service.text() + " is not there any more"));
  });
  return future;
}

std::future<Result<void>> ServiceRuntimeManager::freeze(const ServiceId& service, bool on) {
  return onServing<void>(service, [on](Supervisor& serving) { return serving.freeze(on); });
}

std::future<Result<std::uint64_t>> ServiceRuntimeManager::execute(const ServiceId& service, std::vector<std::string> argv) {
  const auto begin = [&executions = impl_->executions(),
                      argv = std::move(argv)](const Supervisor& serving) -> Result<std::uint64_t> {
    TENON_TRY(auto request, serving.command(argv, "exec" + std::to_string(executions.nextNumber())));
    return executions.begin(std::move(request));
  };
  return onServing<std::uint64_t>(service, begin);
}

std::future<Result<Execution>> ServiceRuntimeManager::execution(std::uint64_t number) {
  auto answer = std::make_shared<Answer<Execution>>();
  auto future = answer->future();
  impl_->post([impl = impl_.get(), number, answer = std::move(answer)] { answer->give(impl->executions().ask(number)); });
  return future;
}

void ServiceRuntimeManager::endExecution(std::uint64_t number) {
  impl_->post([impl = impl_.get(), number] { impl->executions().end(number); });
}

Result<void> ServiceRuntimeManager::signal(const ServiceId& service, std::string_view name) {
  TENON_TRY(const auto now, running(service));
  return impl_->processes().signal(now.process, name);
}

Result<ProcessStats> ServiceRuntimeManager::usage(const ServiceId& service) {
  TENON_TRY(const auto now, running(service));
  return impl_->processes().stats(now.process);
}

Result<InstanceStatus> ServiceRuntimeManager::running(const ServiceId& service) {
  if (auto now = serving(service); now && now->process != 0) return *std::move(now);
  return Error(ErrorCode::NotFound, service.text() + " does not run")
      .withHint("tenon status " + service.text() + " says why");
}

std::vector<InstanceStatus> ServiceRuntimeManager::status(const ServiceId& service) { return impl_->board().of(service); }

std::optional<InstanceStatus> ServiceRuntimeManager::serving(const ServiceId& service) {
  for (InstanceStatus& each : impl_->board().of(service)) {
    if (each.serving) return std::move(each);
  }
  return std::nullopt;
}

std::vector<InstanceStatus> ServiceRuntimeManager::adoptRecorded(const SpecFor& specFor, WorkerPool& helpers) {
  return impl_->adoptRecorded(specFor, helpers);
}

void ServiceRuntimeManager::detach() { impl_->detach(); }

}  // namespace tenon::host
