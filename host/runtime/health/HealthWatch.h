// Asks one process, again and again, whether it is well: soon and often until its first healthy answer if it is eager, then
// at its interval. Judges every answer but its meaning: whose answer it is, and how many failures there were in a row.
// Loop's thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "host/base/Loop.h"
#include "host/runtime/process/OneShot.h"
#include "host/runtime/supervision/SupervisionTools.h"

namespace tenon::host {

class HealthWatch {
 public:
  static constexpr Millis kFirstDelay{50}, kMostDelay{500};  // until the first healthy answer, doubling

  struct Subject {
    ProcessId process = 0;
    HealthCheck check;  // endpoint expanded
    std::uint16_t port = 0;
    bool eager = true;
    std::optional<SpawnRequest> program;  // of an exec check
  };
  struct Answer {
    bool healthy = false;
    std::string text;
    int failuresInRow = 0;  // this one included
    Millis failingFor{0};   // since the last healthy answer, or since begin()
    Micros took{0};         // from the question on
  };
  using Heard = std::function<void(const Answer&)>;

  explicit HealthWatch(SupervisionTools& tools) : tools_(tools), next_(tools.loop), program_(tools) {}

  // Ends what it watched before.
  void begin(Subject subject, Millis firstDelay, Heard heard);
  void end();
  bool watching() const { return run_ != nullptr; }
  // Asks at least so often; nothing: at the service's own interval.
  void hurry(std::optional<Millis> interval);

 private:
  void ask();
  void askProgram();
  void askProber();
  void answered(bool healthy, std::string text);
  bool answersFromElsewhere();
  void scheduleNext();
  Millis interval();

  SupervisionTools& tools_;
  LoopTimer next_;
  OneShot program_;
  Subject subject_;
  Heard heard_;
  std::shared_ptr<int> run_;  // an answer to an earlier run is nobody's
  std::optional<Millis> hurry_;
  Instant askedAt_{}, lastGood_{};
  Millis fastDelay_{0};
  bool everHealthy_ = false, ownerKnown_ = false;
  int failures_ = 0;
};

}  // namespace tenon::host
