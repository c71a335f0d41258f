// The logs of all services of a node: opened where they are asked for, watched while a service writes, rotated and bounded.
// One thread of its own does all that takes time.
//
// A log that grows is looked at every 5 s, or sooner where it fills up; one that stands still half as often each time, down
// to once a minute. So a thousand idle services cost some seventeen calls of stat a second.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "host/adapter/Files.h"
#include "host/base/Clock.h"
#include "host/base/Loop.h"
#include "host/logs/VersionLog.h"

namespace tenon::host {

// Nothing happens by itself: the loop of a thread that only works through what it is given.
class NoEvents final : public EventSource {
 public:
  void waitAndDispatch(Millis most) override;
  void wake() override;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
};

class ServiceLogs {
 public:
  static constexpr Millis kLookSoonest{1000}, kLook{5000}, kLookLatest{60'000};

  // What keeps a log from being rotated, once a log and reason; on the keeper's thread.
  using Told = std::function<void(const Path& log, const Error& why)>;

  // All outlive this. `loop` is this one's alone; start it, and stop it after stop().
  ServiceLogs(Files& files, Loop& loop, Told told);
  ~ServiceLogs();
  // Any thread. What is being packed is given up, and begun again by the next agent.
  void stop() { stop_ = true; }

  // Any thread; may read a folder, and finish what a dead agent had begun.
  Result<std::shared_ptr<VersionLog>> open(const Path& log);

  std::size_t known() const;  // so many are in memory
  // As open(), of one that may never have been written: null then, and nothing is kept of who asked.
  Result<std::shared_ptr<VersionLog>> find(const Path& log);

  // Before a process is made that appends to `log`, on a thread that may wait: so that runStarts() need not.
  void expect(const Path& log, const LogPolicy& policy);
  // Just before it is made, when nothing of an earlier run writes any more. Quick: some calls of the disk, no waiting.
  void runStarts(const Path& log, const LogPolicy& policy);
  // A process of an earlier agent writes there. At once.
  void watch(const Path& log, const LogPolicy& policy);
  // Nobody writes there any more: a last look. At once.
  void runEnds(const Path& log);

  // In a service's folder of logs: removes those of all versions but `kept`, and but the `spare` of others that were written
  // last.
  Result<void> removeOld(const Path& folder, const std::set<std::string>& kept, std::size_t spare);

 private:
  struct Watched {
    LogPolicy policy;
    int writers = 0;
    Loop::TimerId timer = 0;
    Millis interval = kLook;
    std::uint64_t end = 0;  // at the last look, and when that was
    WallTime looked{};
    bool marked = true;  // that moment stands in the marks
  };
  struct Place {
    std::mutex mutex;
    std::shared_ptr<VersionLog> log;  // null: not opened yet
  };

  void begin(const Path& log, const LogPolicy& policy);
  void look(const Path& log);
  Result<void> tryLook(Watched& watched, VersionLog& log);
  Result<Millis> keep(Watched& watched, VersionLog& log);
  void tell(const Path& log, const Error& error);

  Files& files_;
  Loop& loop_;
  const Told told_;
  std::atomic<bool> stop_ = false;
  mutable std::mutex mutex_;
  std::map<Path, std::shared_ptr<Place>> logs_;
  std::map<Path, Watched> watched_;                     // loop's thread
  std::set<std::pair<Path, std::string>> alreadyTold_;  // loop's thread
};

}  // namespace tenon::host
