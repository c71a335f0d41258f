// Whether an instance has proven itself: healthy without a break for its probation. Keeps the answers as evidence. Loop's
// thread.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <vector>

#include "host/base/Loop.h"
#include "host/runtime/Instance.h"

namespace tenon::host {

// The promise behind ServiceRuntimeManager::prove(). One that is dropped (the loop has stopped) answers cancelled.
class ProofTicket {
 public:
  ProofTicket() = default;
  ~ProofTicket();
  ProofTicket(const ProofTicket&) = delete;
  ProofTicket& operator=(const ProofTicket&) = delete;

  std::future<TrialReport> future() { return promise_.get_future(); }
  void resolve(TrialReport report);

 private:
  std::promise<TrialReport> promise_;
  bool resolved_ = false;
};

class Proof {
 public:
  static constexpr std::size_t kProbesKept = 100;
  static constexpr int kEndsBorne = 3;  // of an instance that is no trial: it is restarted, but nobody waits for ever

  explicit Proof(Loop& loop) : loop_(loop), patience_(loop) {}

  // Who asks while another waits gets the same answer, of the longer probation. `outOfPatience`: it was healthy once, but
  // not without a break for probation within three times that, or its startup grace where that is longer.
  void begin(std::shared_ptr<ProofTicket> ticket, Millis probation, Millis startupGrace,
             std::function<void()> outOfPatience);
  bool pending() const { return !tickets_.empty(); }
  Millis probation() const { return probation_; }

  void keepProbes() { keeps_ = true; }
  // An answer of the health check. True: this one completes the proof, which is told.
  bool answered(ProbeResult answer, std::uint16_t port);
  // The process ended: the next healthy answer is the first again.
  void interrupted() {
    healthySince_.reset();
    patience_.cancel();
  }
  // It ended by itself and is to be started again. The third time, that is the answer.
  void ended(const Error& error, std::uint16_t port);
  void fail(Error error, std::uint16_t port);

 private:
  void resolve(bool proven, std::optional<Error> error, std::uint16_t port);
  void watchPatience();

  Loop& loop_;
  LoopTimer patience_;
  std::vector<std::shared_ptr<ProofTicket>> tickets_;
  Millis probation_{0}, startupGrace_{0};
  std::function<void()> outOfPatience_;
  bool keeps_ = false;
  int ends_ = 0;
  std::vector<ProbeResult> probes_;
  std::optional<Instant> healthySince_;
};

}  // namespace tenon::host
