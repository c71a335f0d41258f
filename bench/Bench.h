// What the benchmark programs share: this machine's adapter, and an end with a message where a step fails.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "host/adapter/PlatformAdapter.h"
#include "tenon/plugin.h"

extern "C" const tenon_entry TENON_STATIC_ADAPTER;

namespace tenon::host {

[[noreturn]] inline void fail(const Error& error) {
  std::fprintf(stderr, "bench: %s\n", error.message().c_str());
  std::exit(1);
}

template <class T>
T need(Result<T> result) {
  if (!result) fail(result.error());
  return *std::move(result);
}
inline void need(const Result<void>& result) {
  if (!result) fail(result.error());
}

// The adapter that is linked into this program.
class Machine {
 public:
  Files& files() { return adapter_->files(); }
  Processes& processes() { return adapter_->processes(); }
  Channels& channels() { return *adapter_->channels(); }
  const PlatformFacts& facts() const { return adapter_->facts(); }

 private:
  static void say(void*, std::int32_t, tenon_str text) {
    std::fprintf(stderr, "adapter: %.*s\n", static_cast<int>(text.len), text.ptr);
  }

  tenon_host host_{sizeof(tenon_host), TENON_ABI_MAJOR, TENON_ABI_MINOR, nullptr, &Machine::say};
  std::unique_ptr<PlatformAdapter> adapter_ = need(openPlatformAdapter(TENON_STATIC_ADAPTER, host_));
};

}  // namespace tenon::host
