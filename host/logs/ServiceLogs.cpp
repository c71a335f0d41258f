#include "host/logs/ServiceLogs.h"

#include <algorithm>
#include <utility>

namespace tenon::host {

void NoEvents::waitAndDispatch(Millis most) {
  std::unique_lock lock(mutex_);
  const auto woken = [this] { return woken_; };
  if (most < Millis{0}) {
    changed_.wait(lock, woken);
  } else {
    changed_.wait_for(lock, most, woken);
  }
  woken_ = false;
}

void NoEvents::wake() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  changed_.notify_one();
}

ServiceLogs::ServiceLogs(Files& files, Loop& loop, Told told) : files_(files), loop_(loop), told_(std::move(told)) {}

ServiceLogs::~ServiceLogs() { stop(); }

Result<std::shared_ptr<VersionLog>> ServiceLogs::open(const Path& log) {
  std::shared_ptr<Place> place;
  {
    const std::lock_guard lock(mutex_);
    auto& known = logs_[log];
    if (!known) known = std::make_shared<Place>();
    place = known;
  }
  const std::lock_guard lock(place->mutex);  // one opens it, and nobody waits who wants another
  if (!place->log) {
    TENON_TRY(place->log, VersionLog::open(files_, log));
  }
  return place->log;
}

std::size_t ServiceLogs::known() const {
  const std::lock_guard lock(mutex_);
  return logs_.size();
}

Result<std::shared_ptr<VersionLog>> ServiceLogs::find(const Path& log) {
  const auto entries = files_.list(log.parent());
  if (!entries && entries.error().code() != ErrorCode::NotFound) return entries.error();
  const LogNames names(log);
  const bool any = entries && std::any_of(entries->begin(), entries->end(), [&](const FolderEntry& entry) {
                     return entry.name == log.name() || names.parse(entry.name);
                   });
  if (!any) return std::shared_ptr<VersionLog>();
  TENON_TRY(auto opened, open(log));
  return opened->exists() ? opened : nullptr;
}

// ---- what is told to it ----

void ServiceLogs::expect(const Path& log, const LogPolicy& policy) {
  const auto opened = open(log);
  if (!opened) return;  // the first look says why
  const auto end = (*opened)->end();
  if (end && *end - std::min(*end, (*opened)->begin()) > policy.maxBytes)
    static_cast<void>((*opened)->rotatesWhileWritten());
}

void ServiceLogs::runStarts(const Path& log, const LogPolicy& policy) {
  if (const auto opened = open(log)) {
    VersionLog& at = **opened;
    static_cast<void>(at.seal(policy));  // where it fails, the log stays long, and a look says so
    if (const auto end = at.end()) static_cast<void>(at.marks().add({loop_.clock().wall(), *end, true}));
  }
  watch(log, policy);
}

void ServiceLogs::watch(const Path& log, const LogPolicy& policy) {
  loop_.post([this, log, policy] { begin(log, policy); });
}

void ServiceLogs::runEnds(const Path& log) {
  loop_.post([this, log] {
    const auto found = watched_.find(log);
    if (found == watched_.end() || --found->second.writers > 0) return;
    look(log);
    loop_.cancel(found->second.timer);
    watched_.erase(found);
  });
}

// ---- loop's thread ----

void ServiceLogs::begin(const Path& log, const LogPolicy& policy) {
  const auto [at, isNew] = watched_.try_emplace(log);
  Watched& watched = at->second;
  watched.policy = policy;
  ++watched.writers;
  if (isNew) {
    if (const auto opened = open(log)) {
      const auto marks = (*opened)->marks().read();
      if (!marks.empty()) watched.end = marks.back().offset;
    }
  }
  look(log);
}

void ServiceLogs::look(const Path& log) {
  const auto found = watched_.find(log);
  if (found == watched_.end()) return;
  Watched& watched = found->second;
  loop_.cancel(watched.timer);
  Result<Millis> next = kLookLatest;
  if (auto opened = open(log)) {
    next = keep(watched, **opened);
  } else {
    next = std::move(opened).error();
  }
  if (!next && !stop_) tell(log, next.error());
  watched.timer = loop_.after(next.value_or(kLookLatest), [this, log] { look(log); });
}

// Answers when to look again.
Result<Millis> ServiceLogs::keep(Watched& watched, VersionLog& log) {
  const std::uint64_t before = watched.end;
  const bool first = watched.looked == WallTime{};
  TENON_CHECK(tryLook(watched, log));
  const std::uint64_t grown = watched.end > before ? watched.end - before : 0;
  watched.interval = grown > 0 || first ? kLook : std::min(watched.interval * 2, kLookLatest);
  if (grown == 0 && !first) return watched.interval;
  const std::uint64_t begin = log.begin();
  TENON_CHECK(log.packSealed(watched.policy, stop_));
  for (bool more = true; more && !stop_;) {
    TENON_TRY(const auto rotation, log.rotate(watched.policy, stop_));
    if (rotation.cannot) tell(log.names().log(), *rotation.cannot);
    more = rotation.more;
  }
  if (first || log.begin() != begin) TENON_CHECK(log.marks().thin(log.begin()));
  // One that would be full before the next look is looked at sooner.
  return grown * 2 > watched.policy.maxBytes ? kLookSoonest : watched.interval;
}

// Notes the time at which the log was last known to be as long as it then was, and how long it is now.
Result<void> ServiceLogs::tryLook(Watched& watched, VersionLog& log) {
  const WallTime now = loop_.clock().wall();
  TENON_TRY(const std::uint64_t end, log.end());
  if (end == watched.end) {
    if (watched.looked != WallTime{}) watched.marked = false;
    watched.looked = now;
    return {};
  }
  if (!std::exchange(watched.marked, true)) TENON_CHECK(log.marks().add({watched.looked, watched.end}));
  TENON_CHECK(log.marks().add({now, end}));
  watched.end = end;
  watched.looked = now;
  return {};
}

void ServiceLogs::tell(const Path& log, const Error& error) {
  if (alreadyTold_.emplace(log, std::string(name(error.code()))).second) told_(log, error);
}

// ---- old versions ----

Result<void> ServiceLogs::removeOld(const Path& folder, const std::set<std::string>& kept, std::size_t spare) {
  const auto entries = files_.list(folder);
  if (!entries && entries.error().code() == ErrorCode::NotFound) return {};
  if (!entries) return entries.error();
  std::map<std::string, std::vector<std::string>> filesOf;  // by version
  for (const auto& entry : *entries) {
    const std::string version = LogNames::versionOf(entry.name);
    if (SemVer::parse(version) && !kept.contains(version)) filesOf[version].push_back(entry.name);
  }
  std::vector<std::pair<WallTime, std::string>> versions;
  for (const auto& [version, names] : filesOf) {
    const auto marks = LogMarks(files_, LogNames(folder / (version + ".log")).marks()).read();
    versions.emplace_back(marks.empty() ? WallTime{} : marks.back().time, version);
  }
  std::sort(versions.rbegin(), versions.rend());
  for (std::size_t i = spare; i < versions.size(); ++i) {
    const std::string& version = versions[i].second;
    for (const auto& file : filesOf[version]) TENON_CHECK(files_.removeFile(folder / file));
    const std::lock_guard lock(mutex_);
    logs_.erase(folder / (version + ".log"));
  }
  return {};
}

}  // namespace tenon::host
