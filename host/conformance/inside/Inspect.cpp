#include "host/conformance/inside/Inspect.h"

#include <condition_variable>
#include <cstdlib>
#include <ostream>

#include "host/base/Limits.h"
#include "host/base/WorkerPool.h"

namespace tenon::host {

namespace {

// Ends the process when its time is over: whoever started it may be gone, and the plugin in an endless loop.
class Watch {
 public:
  explicit Watch(Millis most) {
    pool_.post([this, most] {
      constexpr int kLate = 75;
      std::unique_lock lock(mutex_);
      if (!changed_.wait_for(lock, most, [this] { return over_; })) std::_Exit(kLate);
    });
  }
  ~Watch() {
    const std::lock_guard lock(mutex_);
    over_ = true;
    changed_.notify_all();
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  WorkerPool pool_{1};
};

}  // namespace

void Speech::say(const JsonObject& what) {
  const std::lock_guard lock(mutex_);
  out_ << kSaid << what.text() << std::endl;
}

Result<void> inspect(PlatformAdapter& adapter, const Clock& clock, const Path& file, std::ostream& out) {
  TENON_TRY(const auto text, adapter.files().readAll(file, limits::kInspectionBytes));
  TENON_TRY(const auto job, InspectionJob::parse(text));
  const Watch watch(job.most);
  Speech speech(out);
  const auto done =
      job.runsService() ? inspectService(adapter, clock, job, speech) : inspectCalls(adapter, clock, job, speech);
  if (!done) speech.say(JsonObject().set("error", done.error().message()));
  speech.say(JsonObject().set("done", done.has_value()));
  return {};
}

}  // namespace tenon::host
