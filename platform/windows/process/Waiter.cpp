#include "platform/windows/process/Waiter.h"

#include <algorithm>

namespace tenon::platform {

namespace {

constexpr ULONG_PTR kWakeKey = 0;  // no process has this handle
constexpr std::uint32_t kMostEntries = 1024;

}  // namespace

Waiter::~Waiter() {
  for (const auto& [process, watch] : watches_) ::UnregisterWaitEx(watch->registration, INVALID_HANDLE_VALUE);
}

Outcome Waiter::ensureOpen() {
  const std::lock_guard lock(mutex_);
  if (port_) return kDone;
  port_ = Handle(::CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 1));
  if (!port_) return osFault("wait for processes", ::GetLastError());
  return kDone;
}

void CALLBACK Waiter::onEnd(void* context, BOOLEAN) {
  const auto* watch = static_cast<const Watch*>(context);
  ::PostQueuedCompletionStatus(watch->port, 0, static_cast<ULONG_PTR>(watch->process), nullptr);
}

Outcome Waiter::watch(tenon_process process, HANDLE handle) {
  if (auto fault = ensureOpen()) return fault;
  auto watch = std::make_unique<Watch>();
  watch->port = port_.get();
  watch->process = process;
  constexpr ULONG kHow = WT_EXECUTEONLYONCE | WT_EXECUTEINWAITTHREAD;  // posting never blocks
  if (!::RegisterWaitForSingleObject(&watch->registration, handle, &onEnd, watch.get(), INFINITE, kHow)) {
    return osFault("watch a process", ::GetLastError());
  }
  const std::lock_guard lock(mutex_);
  watches_.emplace(process, std::move(watch));
  return kDone;
}

void Waiter::forget(tenon_process process) {
  std::unique_ptr<Watch> watch;
  {
    const std::lock_guard lock(mutex_);
    const auto found = watches_.find(process);
    if (found == watches_.end()) return;
    watch = std::move(found->second);
    watches_.erase(found);
  }
  ::UnregisterWaitEx(watch->registration, INVALID_HANDLE_VALUE);  // returns when no call of onEnd runs any more
}

Outcome Waiter::wait(std::int64_t timeoutMs, std::uint32_t capacity, Turn& turn) {
  if (auto fault = ensureOpen()) return fault;
  constexpr std::int64_t kMost = INFINITE - 1;
  const DWORD timeout = timeoutMs < 0 ? INFINITE : static_cast<DWORD>(std::min(timeoutMs, kMost));
  std::vector<OVERLAPPED_ENTRY> entries(std::clamp(capacity, 1u, kMostEntries));
  ULONG count = 0;
  if (!::GetQueuedCompletionStatusEx(port_.get(), entries.data(), static_cast<ULONG>(entries.size()), &count, timeout,
                                     FALSE)) {
    const DWORD error = ::GetLastError();
    return error == WAIT_TIMEOUT ? kDone : Outcome(osFault("wait for processes", error));
  }
  for (ULONG at = 0; at < count; ++at) {
    if (entries[at].lpCompletionKey == kWakeKey) {
      turn.woken = true;
      waking_ = false;
    } else {
      turn.ended.push_back(entries[at].lpCompletionKey);
    }
  }
  return kDone;
}

void Waiter::wake() {
  if (ensureOpen()) return;  // then the wait fails as well, and does not block
  if (!waking_.exchange(true)) ::PostQueuedCompletionStatus(port_.get(), 0, kWakeKey, nullptr);
}

}  // namespace tenon::platform
