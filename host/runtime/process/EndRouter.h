// Who is told when a process ends. One handler a process, called once. Loop's thread, but for the two of adoption.
#pragma once

#include <functional>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "host/adapter/Processes.h"

namespace tenon::host {

class EndRouter {
 public:
  using Handler = std::function<void(const ProcessEnd&)>;

  // Replaces the handler that there was. An end that came during an adoption is told at once.
  void expect(ProcessId process, Handler handler) {
    if (auto early = takeEarly(process)) return handler(*early);
    handlers_[process] = std::move(handler);
  }

  void dispatch(const ProcessEnd& end) {
    const auto found = handlers_.find(end.process);
    if (found == handlers_.end()) return keep(end);
    const Handler handler = std::move(found->second);
    handlers_.erase(found);
    handler(end);
  }

  // Between the two, ends of unknown processes are kept: an adopted process may end before its handler is here. Any thread.
  void beginAdoption() { adopting(true); }
  void endAdoption() { adopting(false); }

 private:
  void adopting(bool now) {
    const std::lock_guard lock(mutex_);
    adopting_ = now;
    if (!now) early_.clear();
  }
  void keep(const ProcessEnd& end) {
    const std::lock_guard lock(mutex_);
    if (adopting_) early_[end.process] = end;
  }
  std::optional<ProcessEnd> takeEarly(ProcessId process) {
    const std::lock_guard lock(mutex_);
    const auto found = early_.find(process);
    if (found == early_.end()) return std::nullopt;
    const ProcessEnd end = found->second;
    early_.erase(found);
    return end;
  }

  std::unordered_map<ProcessId, Handler> handlers_;
  std::mutex mutex_;  // of the two below
  bool adopting_ = false;
  std::unordered_map<ProcessId, ProcessEnd> early_;
};

}  // namespace tenon::host
