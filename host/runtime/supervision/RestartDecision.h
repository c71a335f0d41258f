// Whether a service that ended is started again, and when. Pure: time and chance are given. One for each instance.
#pragma once

#include <string>
#include <vector>

#include "host/base/Clock.h"
#include "host/contract/service/ServiceManifest.h"

namespace tenon::host {

class RestartDecision {
 public:
  // A service that was healthy for so long has recovered: what went before is forgotten.
  static constexpr Millis kHealthySpell{10'000};

  enum class Verdict { Restart, Completed, GiveUp };

  struct End {
    Instant at;
    bool failure = true;      // anything but exit 0
    bool wasHealthy = false;  // in the life that ended
    Millis healthyFor{0};     // in that life, without a break
    double chance = 0;        // in [0, 1): spreads restarts of services that ended together
  };
  struct Answer {
    Verdict verdict;
    Millis delay{0};  // of Restart
    std::string why;  // of GiveUp: "restarted 5 times in 600.0 s"; may be empty
  };

  explicit RestartDecision(const RestartPolicy& policy) : policy_(policy) {}

  // Exponential backoff, up to a quarter less by chance, never more than the ceiling. The first restart of a service that
  // had been healthy is immediate.
  Answer decide(const End& end);
  // An operator started it by hand: as new.
  void forget();

 private:
  bool tooMany(Instant now);
  Millis nextDelay(double chance);

  RestartPolicy policy_;
  int inRow_ = 0;  // restarts since the last healthy spell
  int doublings_ = 0;
  std::vector<Instant> restarts_;  // within the window; kept only where there is a limit
};

}  // namespace tenon::host
