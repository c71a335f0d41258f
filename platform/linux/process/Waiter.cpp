#include "platform/linux/process/Waiter.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <limits>

namespace tenon::platform {

namespace {

constexpr tenon_process kWake = 0;  // no process has this handle
constexpr std::uint32_t kMostEvents = 1024;

}  // namespace

Outcome Waiter::ensureOpen() {
  const std::lock_guard lock(mutex_);
  if (epoll_) return kDone;
  Descriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
  Descriptor wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  struct epoll_event event = {};
  event.events = EPOLLIN;
  event.data.u64 = kWake;
  if (!epoll || !wake || ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, wake.get(), &event) != 0) {
    return osFault("wait for processes", errno);
  }
  wake_ = std::move(wake);
  epoll_ = std::move(epoll);
  return kDone;
}

Outcome Waiter::watch(tenon_process process, int pidfd) {
  if (auto fault = ensureOpen()) return fault;
  struct epoll_event event = {};
  event.events = EPOLLIN;
  event.data.u64 = process;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, pidfd, &event) != 0) return osFault("watch a process", errno);
  return kDone;
}

void Waiter::forget(int pidfd) {
  if (epoll_) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, pidfd, nullptr);
}

Outcome Waiter::wait(std::int64_t timeoutMs, std::uint32_t capacity, Turn& turn) {
  if (auto fault = ensureOpen()) return fault;
  constexpr std::int64_t kMost = std::numeric_limits<int>::max();
  const int timeout = timeoutMs < 0 ? -1 : static_cast<int>(std::min(timeoutMs, kMost));
  // One place more than asked for, since the wake takes one.
  std::vector<struct epoll_event> events(std::min(capacity, kMostEvents) + std::size_t{1});
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout);
  if (count < 0 && errno != EINTR) return osFault("wait for processes", errno);
  for (int at = 0; at < count; ++at) {
    const tenon_process process = events[static_cast<std::size_t>(at)].data.u64;
    if (process == kWake) {
      std::uint64_t times = 0;
      turn.woken = ::read(wake_.get(), &times, sizeof times) == static_cast<ssize_t>(sizeof times);
    } else if (turn.ended.size() < capacity) {
      turn.ended.push_back(process);
    }
  }
  return kDone;
}

void Waiter::wake() {
  if (ensureOpen()) return;  // then the wait fails as well, and does not block
  const std::uint64_t once = 1;
  static_cast<void>(!::write(wake_.get(), &once, sizeof once));
}

}  // namespace tenon::platform
