// What stands in front of services: says in the endpoint table where each endpoint leads now, and keeps the relay running
// that reads it. Any thread; the relay's runtime outlives it.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "host/base/Log.h"
#include "host/contract/service/ServiceManifest.h"
#include "host/relay/EndpointTable.h"
#include "host/runtime/ServiceRuntimeManager.h"

namespace tenon::host {

class EndpointKeeper {
 public:
  // `relay`: what is run to listen; its service is no package's.
  EndpointKeeper(Files& files, Path table, ServiceRuntimeManager& runtime, InstanceSpec relay, Log& log);

  // A starting agent, before it adopts what runs: the table that the last one left, as far as the services are `known`. What
  // is adopted has served all the while, and nobody may be held until it has been asked for its health again.
  void load(const std::function<bool(const ServiceId&)>& known);
  // Once it has adopted: nobody is held for what does not run, and the relay runs where there are endpoints.
  void open();
  const InstanceSpec& relay() const { return relay_; }

  // port-taken: another service's endpoint has it.
  Result<void> check(const ServiceManifest& release) const;
  // Before an instance of this release is started.
  void prepare(const ServiceManifest& release);
  // Of every change of an instance; loop's thread, calls nobody.
  void observe(const InstanceStatus& status);
  // A change of this service has ended: where nothing runs, nobody is held any longer.
  void settle(const ServiceId& service);
  // The service is gone.
  void forget(const ServiceId& service);

 private:
  void keepRelay();
  void put(const ServiceId& service, const Endpoint& endpoint);
  void save();

  Files& files_;
  const Path file_;
  ServiceRuntimeManager& runtime_;
  const InstanceSpec relay_;
  Log& log_;
  std::mutex relayMutex_;  // of launching and stopping the relay; before mutex_
  mutable std::mutex mutex_;
  EndpointTable table_;
};

}  // namespace tenon::host
