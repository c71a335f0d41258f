#include "host/observe/EventLog.h"

#include "host/base/Limits.h"

namespace tenon::host {

namespace {

constexpr std::size_t kRecent = 1000;
// What is taken up of an earlier agent's: a few hundred events.
constexpr std::uint64_t kTailBytes = 64 * limits::KiB;

std::optional<Event> readEvent(std::string_view line) {
  const auto parsed = Json::parse(line);
  if (!parsed || !parsed->isObject()) return std::nullopt;
  const auto members = parsed->members();
  Event event;
  for (const auto& [name, value] : members.value_or(std::vector<std::pair<std::string, Json>>{})) {
    if (name == "id") {
      event.id = static_cast<std::uint64_t>(value.integer(0, INT64_MAX).value_or(0));
      continue;
    }
    std::string text = value.string().value_or("");
    if (name == "at") {
      event.at = std::move(text);
    } else if (name == "type") {
      event.type = std::move(text);
    } else if (name == "service_id") {
      event.service = std::move(text);
    } else if (name == "why") {
      event.why = std::move(text);
    } else {
      event.details.emplace_back(name, std::move(text));
    }
  }
  return event.id > 0 ? std::optional(std::move(event)) : std::nullopt;
}

// The last of them whose numbers follow each other; what is torn is passed over.
std::deque<Event> lastEventsIn(std::string_view tail) {
  std::deque<Event> events;
  while (!tail.empty()) {
    const auto newline = tail.find('\n');
    if (auto event = readEvent(tail.substr(0, newline))) {
      if (!events.empty() && event->id != events.back().id + 1) events.clear();
      events.push_back(*std::move(event));
      if (events.size() > kRecent) events.pop_front();
    }
    if (newline == std::string_view::npos) break;
    tail.remove_prefix(newline + 1);
  }
  return events;
}

Result<std::string> readTail(Files& files, const Path& path) {
  if (!files.exists(path)) return std::string();
  TENON_TRY(const auto file, ReadFile::open(files, path));
  std::string tail(std::min<std::uint64_t>(file.size(), kTailBytes), '\0');
  TENON_CHECK(file.readExactly(file.size() - tail.size(), tail));
  return tail;
}

}  // namespace

JsonObject Event::toJson() const {
  JsonObject object;
  object.set("id", id).set("at", at).set("type", type);
  if (!service.empty()) object.set("service_id", service);
  if (!why.empty()) object.set("why", why);
  for (const auto& [key, value] : details) object.set(key, value);
  return object;
}

Result<void> EventLog::open(const Path& file) {
  const std::lock_guard order(fileMutex_);
  path_ = file;
  TENON_TRY(const auto tail, readTail(files_, file));
  TENON_CHECK(openFile());
  if (!tail.empty() && tail.back() != '\n') TENON_CHECK(append("\n"));
  auto recent = lastEventsIn(tail);
  if (recent.empty()) {  // none has come since those were moved aside
    TENON_TRY(const auto older, readTail(files_, this->older()));
    recent = lastEventsIn(older);
  }
  const std::lock_guard guard(mutex_);
  recent_ = std::move(recent);
  last_ = recent_.empty() ? 0 : recent_.back().id;
  return {};
}

Path EventLog::older() const { return path_->parent() / "events.1.jsonl"; }

Result<void> EventLog::openFile() {
  TENON_TRY(auto opened, WriteFile::create(files_, 0, path_->text(), {.ownerOnly = true, .append = true}));
  TENON_TRY(const auto info, files_.inspect(*path_));
  bytes_ = info.size;
  file_.emplace(std::move(opened));
  return {};
}

// A service that flaps would fill the disk else.
Result<void> EventLog::turnOver() {
  file_.reset();
  const auto moved = files_.replace(*path_, older());
  TENON_CHECK(openFile());
  if (!moved) bytes_ = 0;  // whoever holds the old one: the next try comes a whole file later
  return {};
}

Result<void> EventLog::append(std::string_view line) {
  if (!file_) TENON_CHECK(openFile());
  if (bytes_ >= limits::kEventLogBytes) TENON_CHECK(turnOver());
  TENON_CHECK(file_->append(line));
  bytes_ += line.size();
  return {};
}

void EventLog::record(Event event) {
  const std::lock_guard order(fileMutex_);
  event.id = last_ + 1;  // which nobody else changes
  event.at = formatTime(clock_.wall());
  if (path_) {
    const auto written = append(event.toJson().text() + "\n");
    if (!written && !complained_)
      log_.error("events.jsonl: " + written.error().message() + "; further events stay in memory");
    complained_ = !written;
  }
  const std::lock_guard guard(mutex_);
  last_ = event.id;
  recent_.push_back(std::move(event));
  if (recent_.size() > kRecent) recent_.pop_front();
  if (recorded_) recorded_();
}

std::vector<Event> EventLog::after(std::uint64_t id, std::size_t most) const {
  const std::lock_guard guard(mutex_);
  if (recent_.empty() || id >= last_) return {};
  const std::uint64_t known = recent_.front().id - 1;  // of those before the first that is still here
  const auto from = static_cast<std::size_t>(std::max(id, known) - known);
  const auto first = recent_.begin() + static_cast<std::ptrdiff_t>(from);
  const auto count = std::min(most, recent_.size() - from);
  return {first, first + static_cast<std::ptrdiff_t>(count)};
}

std::uint64_t EventLog::last() const {
  const std::lock_guard guard(mutex_);
  return last_;
}

void EventLog::tell(std::function<void()> recorded) {
  const std::lock_guard guard(mutex_);
  recorded_ = std::move(recorded);
}

}  // namespace tenon::host
