// tenon.platform/1 as a table of C functions: each takes its arguments apart and hands them on.
#include <signal.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "platform/linux/Adapter.h"
#include "platform/linux/Describe.h"
#include "platform/linux/OwnState.h"

namespace tenon::platform {

namespace {

ProcessAdapter& processesOf(void* self) { return static_cast<Adapter*>(self)->processes(); }

std::int32_t describe(void* self, tenon_str, const tenon_sink* out) {
  return guarded(out, [&]() -> Outcome {
    const std::string facts = describeMachine(processesOf(self).containmentWay());
    return out->document(out->ctx, str(facts)) == 0 ? kDone : Outcome(cancelled());
  });
}

std::int32_t spawn(void* self, tenon_str request, tenon_process* process, const tenon_sink* out) {
  return guarded(out, [&]() -> Outcome {
    auto& processes = processesOf(self);
    std::string identity;
    *process = 0;
    if (auto fault = processes.spawn(view(request), *process, identity)) return fault;
    if (out->document(out->ctx, str(identity)) == 0) return kDone;
    processes.killTree(*process);
    processes.release(*process);
    *process = 0;
    return cancelled();
  });
}

std::int32_t adopt(void* self, tenon_str identity, tenon_process* process, const tenon_sink* out) {
  return guarded(out, [&] { return *process = 0, processesOf(self).adopt(view(identity), *process); });
}

std::int32_t wait(void* self, std::int64_t timeoutMs, tenon_ended* ended, std::uint32_t capacity, std::uint32_t* count) {
  return guarded(nullptr, [&] { return processesOf(self).wait(timeoutMs, ended, capacity, *count); });
}

void wake(void* self) { processesOf(self).wake(); }

std::int32_t signal(void* self, tenon_process process, tenon_str name, const tenon_sink* out) {
  return guarded(out, [&] { return processesOf(self).signal(process, view(name)); });
}

std::int32_t killTree(void* self, tenon_process process, const tenon_sink* out) {
  return guarded(out, [&] { return processesOf(self).killTree(process); });
}

void release(void* self, tenon_process process) {
  guarded(nullptr, [&]() -> Outcome { return processesOf(self).release(process), kDone; });
}

std::int32_t killUnknown(void* self, tenon_str beginning, const tenon_sink* out) {
  return guarded(out, [&] { return processesOf(self).killUnknown(view(beginning)); });
}

std::int32_t freeze(void* self, tenon_process process, std::int32_t on, const tenon_sink* out) {
  return guarded(out, [&] { return processesOf(self).freeze(process, on != 0); });
}

std::int32_t stats(void* self, tenon_process process, tenon_stats* stats, const tenon_sink* out) {
  return guarded(out, [&]() -> Outcome {
    constexpr std::size_t kOldest = offsetof(tenon_stats, read_bytes);
    if (stats->struct_size < kOldest) return invalid("stats", "stats: struct_size is too small");
    tenon_stats whole = {};
    if (auto fault = processesOf(self).stats(process, whole)) return fault;
    whole.struct_size = stats->struct_size;
    std::memcpy(stats, &whole, std::min<std::size_t>(stats->struct_size, sizeof whole));
    return kDone;
  });
}

std::int32_t ownsListener(void* self, tenon_process process, std::uint16_t port, std::int32_t* owns, const tenon_sink* out) {
  return guarded(out, [&] { return processesOf(self).ownsListener(process, port, *owns); });
}

std::int32_t terminalColumns(void*, std::int32_t stream) {
  struct winsize size = {};
  if (stream != 1 && stream != 2) return 0;
  if (::ioctl(stream, TIOCGWINSZ, &size) != 0) return 0;
  constexpr std::int32_t kUsual = 80;  // a terminal that nobody has told its size is one all the same
  return size.ws_col > 0 ? size.ws_col : kUsual;
}

void holdTermination(void* self) {
  processesOf(self).openManyFiles();
  sigset_t requests;
  ::sigemptyset(&requests);
  for (const int number : {SIGTERM, SIGINT, SIGQUIT}) ::sigaddset(&requests, number);
  ::pthread_sigmask(SIG_BLOCK, &requests, nullptr);  // threads made later inherit it
}

std::int32_t become(void* self, tenon_str request, const tenon_sink* out) {
  return guarded(out, [&] { return processesOf(self).become(view(request)); });
}

std::int32_t ownState(void*, const tenon_sink* out) {
  return guarded(out, [&]() -> Outcome {
    std::string document;
    if (auto fault = describeOwnState(document)) return fault;
    return out->document(out->ctx, str(document)) == 0 ? kDone : Outcome(cancelled());
  });
}

}  // namespace

const tenon_platform& platformTable() {
  static const tenon_platform table = {sizeof(tenon_platform),
                                       0,
                                       &describe,
                                       &spawn,
                                       &adopt,
                                       &wait,
                                       &wake,
                                       &signal,
                                       &killTree,
                                       &release,
                                       &stats,
                                       &ownsListener,
                                       &terminalColumns,
                                       &holdTermination,
                                       &killUnknown,
                                       &freeze,
                                       &become,
                                       nullptr,  // authorities: libraries for TLS find them
                                       &ownState};
  return table;
}

}  // namespace tenon::platform
