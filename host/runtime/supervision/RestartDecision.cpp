#include "host/runtime/supervision/RestartDecision.h"

#include <algorithm>

#include "host/runtime/supervision/Why.h"

namespace tenon::host {

RestartDecision::Answer RestartDecision::decide(const End& end) {
  if (!end.failure && policy_.when != RestartPolicy::When::Always) return {Verdict::Completed, {}, {}};
  if (policy_.when == RestartPolicy::When::Never) return {Verdict::GiveUp, {}, {}};
  if (tooMany(end.at)) {
    return {
        Verdict::GiveUp, {}, "restarted " + std::to_string(policy_.maxRestarts) + " times in " + seconds(policy_.window)};
  }
  if (policy_.maxRestarts > 0) restarts_.push_back(end.at);

  if (end.wasHealthy && end.healthyFor >= kHealthySpell) inRow_ = doublings_ = 0;
  const bool immediate = end.wasHealthy && inRow_ == 0;
  ++inRow_;
  return {Verdict::Restart, immediate ? Millis{0} : nextDelay(end.chance), {}};
}

void RestartDecision::forget() {
  inRow_ = doublings_ = 0;
  restarts_.clear();
}

bool RestartDecision::tooMany(Instant now) {
  std::erase_if(restarts_, [&](Instant restart) { return now - restart >= policy_.window; });
  return policy_.maxRestarts > 0 && restarts_.size() >= static_cast<std::size_t>(policy_.maxRestarts);
}

Millis RestartDecision::nextDelay(double chance) {
  Millis delay = std::min(policy_.backoff, policy_.backoffMax);
  for (int i = 0; i < doublings_ && delay < policy_.backoffMax; ++i) delay = std::min(2 * delay, policy_.backoffMax);
  if (delay < policy_.backoffMax) ++doublings_;
  const double spread = 0.75 + 0.25 * std::clamp(chance, 0.0, 1.0);
  return Millis(static_cast<Millis::rep>(static_cast<double>(delay.count()) * spread));
}

}  // namespace tenon::host
