// One instance's life: walks the supervision table. What an event means stands there; what an action does stands here.
// Loop's thread, and lent tools that outlive it.
#pragma once

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/base/Loop.h"
#include "host/runtime/Instance.h"
#include "host/runtime/health/HealthWatch.h"
#include "host/runtime/process/ServiceProcess.h"
#include "host/runtime/supervision/Proof.h"
#include "host/runtime/supervision/RestartDecision.h"

namespace tenon::host {

// Resolves when the last who holds it lets go: the instances that are being stopped.
class StopTicket {
 public:
  StopTicket() = default;
  ~StopTicket() { promise_.set_value(); }
  StopTicket(const StopTicket&) = delete;
  StopTicket& operator=(const StopTicket&) = delete;
  std::future<void> future() { return promise_.get_future(); }

 private:
  std::promise<void> promise_;
};

class Supervisor {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void changed(const InstanceStatus& status) = 0;
    // It was asked to stop and nothing of it is left. Destroy it later, not now.
    virtual void gone(const InstanceStatus& status) = 0;
  };

  Supervisor(SupervisionTools& tools, Owner& owner, InstanceSpec spec, InstanceNumber number, bool serving);

  void start();
  void stop(Millis drain, std::shared_ptr<StopTicket> ticket);
  void restart();
  void adopt(const InstanceRecord& record, const Result<ProcessId>& process);
  void prove(Millis probation, std::shared_ptr<ProofTicket> ticket);
  void confirm();
  // busy where it does not serve or is yet to prove itself; the adapter's.
  Result<void> freeze(bool on);
  // Into the containment of the process that runs. not-found where none does, busy where it is frozen.
  Result<SpawnRequest> command(const std::vector<std::string>& argv, const std::string& name) const;
  // Tells nobody: a promotion is one step for two instances.
  void setServing(bool serving);
  // The agent ends: who waits is answered, nothing else happens.
  void letGo();

  const InstanceStatus& status() const { return status_; }

 private:
  void raise(SupervisionEvent event);
  void step(SupervisionEvent event);
  void perform(SupervisionAction action);

  // Actions (SupervisorActions.cpp).
  void spawn(bool elsewhere);
  void beginProbing();
  void watchHealth(Millis first);
  void becomeReady();
  void noteFailure();
  void noteHealth();
  void watchLife();
  void stopWatching();
  void thaw();
  void sendStop(bool again);
  void stayDown();
  void killTree();
  void scheduleBackoff();
  void settle();
  void fail();

  // What comes from outside, before it is an event.
  Result<void> portsKnown();
  void spawned(const Result<void>& result);
  void ended(const ProcessEnd& end);
  void tellProbe(const HealthWatch::Answer& answer) const;
  void heard(const HealthWatch::Answer& answer);
  void heardOfLife(const HealthWatch::Answer& answer);
  void graceOver();
  void stopGraceOver();
  void proofOverdue();
  SupervisionEvent meaningOf(const ProcessEnd& end);
  SupervisionEvent afterEnd(bool failure, SupervisionEvent again, SupervisionEvent forGood);

  Result<HealthWatch::Subject> subject() const;
  std::string describe(const ProcessEnd& end, std::optional<Millis> life) const;
  void noteSpell();
  void endOfLife();
  void release();
  void writeRecord();
  void hurryIfProving();

  SupervisionTools& tools_;
  Owner& owner_;
  const std::unique_ptr<InstanceSpec> spec_;  // on the heap: process_ keeps a reference
  InstanceStatus status_;
  ServiceProcess process_;
  HealthWatch watch_, life_;
  Proof proof_;
  RestartDecision restart_;
  LoopTimer grace_, backoff_, stopGrace_, drain_;

  std::vector<SupervisionEvent> events_;  // of the walk under way
  bool walking_ = false, changed_ = false;

  // Of the life that runs: from one start of the process to its end.
  bool adopted_ = false;   // it began before this agent
  bool outlived_ = false;  // and had lived longer than its startup grace by then: so it had been ready
  bool wasReady_ = false;
  Instant watchedSince_{}, readySince_{};
  Millis spell_{0};  // the longest that it was ready without a break
  HealthWatch::Answer lastAnswer_;
  std::string verdict_;  // why we killed it ourselves
  std::optional<Error> failure_;

  bool again_ = false;    // the stop under way is followed by a start
  bool leaving_ = false;  // asked to stop for good
  std::vector<std::shared_ptr<StopTicket>> stopTickets_;
  Millis delay_{0};    // of the next backoff
  int portMoves_ = 0;  // since it was last ready
};

}  // namespace tenon::host
