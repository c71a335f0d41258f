#include <deque>
#include <mutex>
#include <utility>

#include "host/base/Limits.h"
#include "host/driver/DriverCalls.h"
#include "host/driver/PluginHosts.h"

namespace tenon::host {

namespace {

using wire::Kind;

constexpr std::size_t kMostParts = 100;  // a plugin host sends fewer; a library may have taken its channel

// Gives the sink what the plugin gave, and the log what it said. Nothing where the message does not end with a code.
std::optional<std::int32_t> replay(std::string_view message, const tenon_sink* out, Log& log) {
  for (std::size_t parts = 0; parts < kMostParts; ++parts) {
    const auto part = wire::take(message);
    if (!part) return std::nullopt;
    const tenon_str bytes = {part->bytes.data(), part->bytes.size()};
    switch (part->kind) {
      case Kind::Log:
        logOfPlugin(log, part->code, part->bytes.substr(0, limits::kPluginLogBytes));
        break;
      case Kind::Document:
        out->document(out->ctx, bytes);
        break;
      case Kind::Problem:
        out->problem(out->ctx, part->code, bytes);
        break;
      case Kind::Returned:
        return part->code;
      default:
        return std::nullopt;
    }
  }
  return std::nullopt;
}

// One that crashes, hangs or floods costs its own call, and is started again with the next.
class IsolatedCalls final : public DriverCalls {
 public:
  IsolatedCalls(const Plugin& plugin, const Clock& clock)
      : manifest_(plugin.manifest), library_(plugin.path), sealed_(plugin.sealed), hosts_(*plugin.hosts), clock_(clock) {}

  std::string_view hosting() const override { return "isolated"; }

  std::optional<std::string> quarantined() const override {
    const std::lock_guard lock(mutex_);
    if (crashes_.size() < limits::kPluginCrashes) return std::nullopt;
    const auto left = crashes_.front() + limits::kPluginCrashWindow - clock_.now();
    if (left <= left.zero()) return std::nullopt;
    return "driver " + manifest_.title() + " crashed " + std::to_string(limits::kPluginCrashes) + " times within " +
           std::to_string(limits::kPluginCrashWindow.count()) + " minutes and is left alone for another " +
           std::to_string(std::chrono::ceil<std::chrono::seconds>(left).count()) + " s";
  }

  Result<std::int32_t> fingerprint(std::string_view request, const tenon_sink* out) override {
    return call(Kind::Fingerprint, request, limits::kFingerprintTime, out);
  }
  Result<std::int32_t> plan(std::string_view request, const tenon_sink* out) override {
    return call(Kind::Plan, request, limits::kPlanTime, out);
  }

 private:
  Result<std::int32_t> call(Kind kind, std::string_view request, Millis most, const tenon_sink* out) {
    const std::unique_lock lock(calling_, most);
    if (!lock) {
      return Error(ErrorCode::Busy, "driver " + manifest_.title() + " still answers another call")
          .withHint("try again later");
    }
    if (auto why = quarantined()) return Error(ErrorCode::DriverQuarantined, *std::move(why));
    TENON_CHECK(start());
    const auto answer = host_->ask(kind, request, most);
    if (!answer) return crashed(kind, answer.error().message());
    const auto code = replay(*answer, out, hosts_.log());
    if (!code) return crashed(kind, "what it answers is no message");
    return *code;
  }

  Result<void> start() {
    if (host_) return {};
    auto started = PluginHost::start(hosts_, library_, sealed_.get());
    if (!started) {
      if (started.error().code() == ErrorCode::DriverCrashed) count();
      return started.error();
    }
    if (auto verdict = judge(started->entry(), manifest_); verdict.state != PluginState::Ready) {
      return Error(ErrorCode::DriverIncompatible, std::move(verdict.why));  // another than it was
    }
    host_.emplace(*std::move(started));
    return {};
  }

  Error crashed(Kind kind, const std::string& how) {
    host_.reset();
    count();
    const std::string doing =
        kind == Kind::Plan ? " crashed while it planned: " : " crashed while it looked for its runtime: ";
    Error error(ErrorCode::DriverCrashed, "driver " + manifest_.title() + doing + how);
    hosts_.log().warning(error.message());
    return error.withHint("a bug of that plugin: tell its vendor; services that run are not touched");
  }

  void count() {
    const std::lock_guard lock(mutex_);
    crashes_.push_back(clock_.now());
    if (crashes_.size() > limits::kPluginCrashes) crashes_.pop_front();
  }

  const PluginManifest manifest_;
  const Path library_;
  const std::shared_ptr<const SealedLibrary> sealed_;
  const PluginHosts& hosts_;
  const Clock& clock_;
  std::timed_mutex calling_;  // of a call, and host_
  std::optional<PluginHost> host_;
  mutable std::mutex mutex_;     // of crashes_
  std::deque<Instant> crashes_;  // the last of them
};

}  // namespace

std::unique_ptr<DriverCalls> callsIsolated(const Plugin& plugin, const Clock& clock) {
  return std::make_unique<IsolatedCalls>(plugin, clock);
}

}  // namespace tenon::host
