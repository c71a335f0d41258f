// Step 11 of an installation: from the release that serves to the next one, cold or warm, and back when it does not prove
// itself.
//
//   cold  stop old · commit next as trial · start next · proven: commit as good · else: commit old again, start old
//   warm  start next beside old · proven: commit next as good, move the service's address · drain and stop old · else: stop
//   next
//
// A crash anywhere leaves current.json and journal.json such that ServiceLife::recover() goes on from there.
#pragma once

#include <optional>

#include "host/lifecycle/Life.h"

namespace tenon::host {

class ReleaseSwitch {
 public:
  enum class Outcome {
    Switched,       // next serves
    Committed,      // next is current; nothing was started, since the service is stopped
    KeptOld,        // next failed; old never stopped serving
    WentBack,       // next failed; old serves again
    NothingLeft,    // next failed, and there was no old
    NoGoodRelease,  // next failed, and old fails too: stopped
  };
  struct Report {
    Outcome outcome;
    std::optional<Error> error;  // why next failed
  };

  ReleaseSwitch(const LifeCollaborators& with, ServiceDisk& disk, ChangeRecorder& change)
      : with_(with), disk_(disk), change_(change) {}

  // Makes `next` current. The caller holds the service's lock and has journaled. A commit that the disk refuses is a failure
  // of `next` like any other: old serves again. An error is a fault of this disk that leaves nothing to do, in which case
  // the journal stays.
  Result<Report> run(InstanceSpec next, bool startIt);

  // Starts a release that is current as a trial already (after a restart of the agent, or when a stopped service starts).
  Result<Report> prove(InstanceSpec trial, const CurrentRelease& current);

 private:
  Result<Report> cold(InstanceSpec next, const std::optional<CurrentRelease>& old);
  Result<Report> warm(InstanceSpec next, const CurrentRelease& old, InstanceNumber oldInstance);
  Result<Report> trial(InstanceSpec next, const CurrentRelease& committed, const std::optional<CurrentRelease>& old);
  Result<Report> goBack(const std::optional<CurrentRelease>& old, Error why);
  Result<void> restore(const CurrentRelease& old);
  void refuse(const InstanceSpec& failed, const Error& why);
  Result<void> tryRefuse(const InstanceSpec& failed, const Error& why);
  TrialReport start(const InstanceSpec& spec, bool serving, InstanceNumber& number);
  void keepEvidence(const InstanceSpec& failed, const TrialReport& report, const std::optional<InstalledRelease>& serving);

  const LifeCollaborators& with_;
  ServiceDisk& disk_;
  ChangeRecorder& change_;
};

}  // namespace tenon::host
