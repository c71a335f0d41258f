#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "host/runtime/HealthProber.h"
#include "host/runtime/health/Probe.h"

namespace tenon::host {
namespace {

constexpr Millis kTogether{5};  // at most so long is an answer held for others that are on their way

class SocketProber final : public HealthProber {
 public:
  SocketProber(const Clock& clock, std::unique_ptr<SocketPoller> sockets)
      : sockets_(std::move(sockets)), loop_(clock, *sockets_), telling_(loop_) {
    loop_.start();
  }
  ~SocketProber() override { loop_.stop(); }

  void probe(ProbeTarget target, Done done) override {
    loop_.post(
        [this, target = std::move(target), done = std::move(done)]() mutable { begin(std::move(target), std::move(done)); });
  }

 private:
  void begin(ProbeTarget target, Done done) {
    finished_.clear();
    const std::uint64_t id = ++last_;
    auto probe =
        std::make_unique<Probe>(*sockets_, loop_, std::move(target), [this, id, done = std::move(done)](ProbeAnswer answer) {
          // It is the probe that calls: it goes when the next one begins.
          const auto found = probes_.find(id);
          finished_.push_back(std::move(found->second));
          probes_.erase(found);
          answers_.emplace_back(done, std::move(answer));
          if (probes_.empty()) return tell();
          if (!telling_.running()) telling_.start(kTogether, [this] { tell(); });
        });
    Probe& started = *(probes_[id] = std::move(probe));
    started.start();
  }

  // Who is told wakes up once for all of them.
  void tell() {
    telling_.cancel();
    for (auto& [done, answer] : std::exchange(answers_, {})) done(std::move(answer));
  }

  std::unique_ptr<SocketPoller> sockets_;
  Loop loop_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Probe>> probes_;
  std::vector<std::unique_ptr<Probe>> finished_;
  std::vector<std::pair<Done, ProbeAnswer>> answers_;  // not told yet
  LoopTimer telling_;
  std::uint64_t last_ = 0;
};

// Where this process cannot even have one socket: every service is told to be unwell, and why.
class NoSockets final : public HealthProber {
 public:
  explicit NoSockets(Error why) : why_(std::move(why)) {}
  void probe(ProbeTarget, Done done) override { done({false, why_.message()}); }

 private:
  const Error why_;
};

}  // namespace

std::unique_ptr<HealthProber> makeSocketProber(const Clock& clock) {
  auto sockets = SocketPoller::create();
  if (!sockets) return std::make_unique<NoSockets>(std::move(sockets).error());
  return std::make_unique<SocketProber>(clock, *std::move(sockets));
}

}  // namespace tenon::host
