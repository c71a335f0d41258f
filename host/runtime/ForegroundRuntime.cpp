#include "host/runtime/ForegroundRuntime.h"

#include <utility>

namespace tenon::host {

ForegroundRuntime::ForegroundRuntime(Collaborators with, ServiceRuntimeManager::Observer observer)
    : logLoop_(with.clock, logEvents_),
      logs_(with.adapter.files(), logLoop_, [](const Path&, const Error&) {}),
      ends_(with.adapter.processes()),
      loop_(with.clock, ends_),
      prober_(makeSocketProber(with.clock)),
      services_({with.adapter.files(), with.adapter.processes(), loop_, ends_, *prober_, ports_, logs_, with.log,
                 with.adapter.facts().searchPath, with.work / "instances", with.work / "mark", with.work / "executions"},
                std::move(observer)) {}

void ForegroundRuntime::start() {
  logLoop_.start();
  loop_.start();
}

void ForegroundRuntime::end(const ServiceId& service) {
  services_.stopAll(service).wait();
  services_.detach();
  loop_.stop();
  logs_.stop();
  logLoop_.stop();
}

}  // namespace tenon::host
