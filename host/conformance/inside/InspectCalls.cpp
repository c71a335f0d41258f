#include <array>
#include <atomic>
#include <clocale>
#include <map>
#include <optional>

#include "host/base/Limits.h"
#include "host/base/WorkerPool.h"
#include "host/conformance/Answer.h"
#include "host/conformance/inside/Inspect.h"
#include "host/driver/DriverCalls.h"

namespace tenon::host {

namespace {

JsonObject describe(const Answer& answer) {
  JsonObject object;
  object.set("code", static_cast<std::int64_t>(answer.code)).set("documents", static_cast<std::uint64_t>(answer.documents));
  return object.set("digest", answer.digest().hex()).set("shown", answer.shown());
}

// The plugin, in this process.
class Inside {
 public:
  Inside(PlatformAdapter& adapter, const InspectionJob& job, Speech& speech)
      : loader_(adapter.files(), log_), job_(job), speech_(speech) {}

  Result<void> open() {
    plugin_ = loader_.load(job_.pluginFile, PluginLoader::Trust::Installed);
    if (plugin_.state != PluginState::Ready) return Error(ErrorCode::DriverIncompatible, plugin_.why);
    TENON_TRY(calls_, callsInProcess(plugin_));
    return {};
  }
  void close() { calls_.reset(); }

  // Says which call it is in, so that a crash has a name; -1: the fingerprint.
  void announce(std::int64_t which) const { speech_.say(JsonObject().set("begins", which)); }
  // Never fails in this process.
  Answer plan(const PlanCase& each, bool refusing = false) const {
    AnswerSink sink(refusing);
    return sink.returned(calls_->plan(each.request, sink.sink()).value_or(TENON_INTERNAL));
  }
  Answer fingerprint(bool refusing = false) const {
    AnswerSink sink(refusing);
    return sink.returned(calls_->fingerprint(job_.fingerprintRequest, sink.sink()).value_or(TENON_INTERNAL));
  }

 private:
  NullLog log_;
  PluginLoader loader_;
  const InspectionJob& job_;
  Speech& speech_;
  Plugin plugin_;
  std::unique_ptr<DriverCalls> calls_;
};

// Of `kind`, what is now and was not before, or the other way round.
void compare(const char* kind, const std::vector<std::string>& before, const std::vector<std::string>& now,
             std::vector<std::string>& left) {
  std::map<std::string, int> lines;
  for (const auto& each : now) ++lines[each];
  for (const auto& each : before) --lines[each];
  for (const auto& [line, count] : lines) {
    if (count != 0) left.push_back(std::string(kind) + (count > 0 ? " left: " : " gone: ") + line);
  }
}

std::string localeNow() {
  const char* name = std::setlocale(LC_ALL, nullptr);
  return name ? name : "";
}

Result<void> load(PlatformAdapter& adapter, const Clock& clock, const InspectionJob& job, Speech& speech) {
  Inside inside(adapter, job, speech);
  const auto before = adapter.ownState();
  const std::string locale = localeNow();
  const Instant begin = clock.now();
  TENON_CHECK(inside.open());
  speech.say(JsonObject().set("loaded_us", static_cast<std::int64_t>((clock.now() - begin).count())));
  inside.announce(-1);
  inside.fingerprint();
  for (std::size_t i = 0; i < job.cases.size(); ++i) {
    inside.announce(static_cast<std::int64_t>(i));
    inside.plan(job.cases[i]);
  }
  std::vector<std::string> left;
  const auto now = adapter.ownState();
  if (before && now) {
    compare("thread", before->threads, now->threads, left);
    compare("descriptor", before->descriptors, now->descriptors, left);
    compare("signal handler", before->handlers, now->handlers, left);
    compare("environment", before->environment, now->environment, left);
  } else {
    speech.say(JsonObject().set("unseen", (before ? now : before).error().message()));
  }
  if (const std::string after = localeNow(); after != locale) left.push_back("locale was " + locale + ", is " + after);
  inside.close();
  speech.say(JsonObject().set("left", left));
  return {};
}

// The first answer that is another, by one thread and by several.
std::optional<Answer> another(const Inside& inside, const PlanCase& each, const Answer& first, std::string& where) {
  where = "in a row";
  for (std::size_t i = 0; i < limits::kRepeatedPlans; ++i) {
    if (Answer again = inside.plan(each); again != first) return again;
  }
  where = "by " + std::to_string(limits::kPlanningThreads) + " threads";
  std::mutex mutex;
  std::optional<Answer> found;
  Meeting awake(limits::kPlanningThreads);  // or one thread could have planned all before the others woke
  std::vector<WorkerPool::Task> tasks(limits::kPlanningThreads, [&] {
    awake.arriveAndWait();
    for (std::size_t i = 0; i < limits::kRepeatedPlans / limits::kPlanningThreads; ++i) {
      Answer again = inside.plan(each);
      if (again == first) continue;
      const std::lock_guard lock(mutex);
      found = std::move(again);
      return;
    }
  });
  WorkerPool pool(limits::kPlanningThreads - 1);  // this thread is the last
  pool.runAll(std::move(tasks));
  return found;
}

Result<void> repeat(const Inside& inside, const InspectionJob& job, Speech& speech) {
  for (std::size_t i = 0; i < job.cases.size(); ++i) {
    inside.announce(static_cast<std::int64_t>(i));
    const Answer first = inside.plan(job.cases[i]);
    std::string where;
    if (const auto other = another(inside, job.cases[i], first, where)) {
      speech.say(JsonObject()
                     .set("differs", static_cast<std::uint64_t>(i))
                     .set("where", where)
                     .set("first", first.shown())
                     .set("other", other->shown()));
      return {};
    }
  }
  return {};
}

}  // namespace

Result<void> inspectCalls(PlatformAdapter& adapter, const Clock& clock, const InspectionJob& job, Speech& speech) {
  using Task = InspectionJob::Task;
  if (job.task == Task::Load) return load(adapter, clock, job, speech);
  Inside inside(adapter, job, speech);
  TENON_CHECK(inside.open());
  if (job.task == Task::Repeat) return repeat(inside, job, speech);
  const bool refusing = job.task == Task::Refuse;
  if (refusing) {
    inside.announce(-1);
    speech.say(describe(inside.fingerprint(true)).set("answer", -1));
  }
  for (std::size_t i = 0; i < job.cases.size(); ++i) {
    const auto number = static_cast<std::int64_t>(i);
    inside.announce(number);
    speech.say(describe(inside.plan(job.cases[i], refusing)).set("answer", number));
  }
  return {};
}

}  // namespace tenon::host
