#include "host/lifecycle/EndpointKeeper.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace tenon::host {

using State = SupervisionState;

EndpointKeeper::EndpointKeeper(Files& files, Path table, ServiceRuntimeManager& runtime, InstanceSpec relay, Log& log)
    : files_(files), file_(std::move(table)), runtime_(runtime), relay_(std::move(relay)), log_(log) {}

void EndpointKeeper::load(const std::function<bool(const ServiceId&)>& known) {
  auto table = readEndpointTable(files_, file_);
  if (!table) return log_.error(table.error().message() + "; it is made anew");
  const std::lock_guard lock(mutex_);
  table_ = *std::move(table);
  if (std::erase_if(table_, [&](const auto& entry) { return !known(entry.first); }) > 0) save();
}

void EndpointKeeper::open() {
  std::vector<ServiceId> services;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [service, endpoint] : table_) services.push_back(service);
  }
  for (const auto& service : services) settle(service);
  if (!services.empty()) keepRelay();
}

void EndpointKeeper::keepRelay() {
  const std::lock_guard lock(relayMutex_);
  if (!runtime_.serving(relay_.manifest.service)) runtime_.launch(relay_, true);
}

Result<void> EndpointKeeper::check(const ServiceManifest& release) const {
  if (!release.endpoint) return {};
  const std::lock_guard lock(mutex_);
  const auto holder = std::find_if(table_.begin(), table_.end(), [&](const auto& entry) {
    return entry.first != release.service && entry.second.front.port == release.endpoint->port;
  });
  if (holder == table_.end()) return {};
  return Error(ErrorCode::PortTaken, "endpoint.port " + std::to_string(release.endpoint->port) + " is that of " +
                                         holder->first.text() + " on this node")
      .withHint("give one of the two another endpoint.port");
}

void EndpointKeeper::prepare(const ServiceManifest& release) {
  if (!release.endpoint) return;
  {
    const std::lock_guard lock(mutex_);
    const auto there = table_.find(release.service);
    // A candidate beside the one that serves changes nothing yet.
    if (there == table_.end()) put(release.service, {*release.endpoint, 0, true});
  }
  keepRelay();
}

void EndpointKeeper::observe(const InstanceStatus& status) {
  if (!status.serving || status.service == relay_.manifest.service) return;
  const std::lock_guard lock(mutex_);
  const auto there = table_.find(status.service);
  if (!status.endpoint) {
    if (there == table_.end()) return;
    table_.erase(there);
    return save();
  }
  Endpoint next = there == table_.end() ? Endpoint{} : there->second;
  next.front = *status.endpoint;
  switch (status.state) {
    case State::Ready:
      next.to = status.port;
      next.awaited = false;
      break;
    case State::Unready:  // better than nothing
      break;
    case State::Starting:
      if (next.to == status.port && !next.awaited) break;  // taken up from an earlier agent: it has served all the while
      [[fallthrough]];
    case State::Stopping:  // a restart or a switch; who stops it for good settles that
    case State::Backoff:
      next.to = 0;
      next.awaited = true;
      break;
    case State::Failed:
      next.to = 0;
      next.awaited = status.trial;  // then the release before comes back
      break;
    case State::Stopped:
      next.to = 0;
      break;
  }
  put(status.service, next);
}

void EndpointKeeper::settle(const ServiceId& service) {
  const auto serving = runtime_.serving(service);
  if (serving && serving->state != State::Stopped && serving->state != State::Failed) return;
  const std::lock_guard lock(mutex_);
  const auto there = table_.find(service);
  if (there != table_.end()) put(service, {there->second.front, 0, false});
}

void EndpointKeeper::forget(const ServiceId& service) {
  const std::lock_guard relayLock(relayMutex_);  // whoever needs the relay anew finds it stopped, and launches it
  bool last = false;
  {
    const std::lock_guard lock(mutex_);
    if (table_.erase(service) == 0) return;
    save();
    last = table_.empty();
  }
  if (last) runtime_.stopAll(relay_.manifest.service).wait();
}

// Both under the mutex.
void EndpointKeeper::put(const ServiceId& service, const Endpoint& endpoint) {
  const auto [there, isNew] = table_.try_emplace(service, endpoint);
  if (!isNew && there->second == endpoint) return;
  there->second = endpoint;
  save();
}

void EndpointKeeper::save() {
  if (const auto saved = writeEndpointTable(files_, file_, table_); !saved) {
    log_.error("the endpoints lead where they led before: " + saved.error().message());
  }
}

}  // namespace tenon::host
