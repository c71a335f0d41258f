#include "host/lifecycle/ChangeBook.h"

#include <algorithm>

namespace tenon::host {

struct ChangeRecorder::Live {
  std::mutex mutex;
  Change change;
  Instant stepBegan;
  std::atomic<bool> cancelled{false};

  Change copy() {
    std::lock_guard guard(mutex);
    return change;
  }
};

namespace {

void endStep(Change& change, Instant began, Instant now, ChangeStep::State state) {
  if (change.steps.empty() || change.steps.back().state != ChangeStep::State::Running) return;
  change.steps.back().state = state;
  change.steps.back().durationMs = std::chrono::duration_cast<Millis>(now - began).count();
}

}  // namespace

ChangeRecorder::~ChangeRecorder() {
  if (!live_->copy().ended()) failed(Error{ErrorCode::Internal, "the change was dropped before its end"}, "");
}

std::uint64_t ChangeRecorder::number() const { return live_->change.number; }
const std::atomic<bool>& ChangeRecorder::cancelled() const { return live_->cancelled; }

void ChangeRecorder::step(std::string_view name, std::string_view detail) {
  const Instant now = book_.clock_.now();
  {
    std::lock_guard guard(live_->mutex);
    endStep(live_->change, live_->stepBegan, now, ChangeStep::State::Done);
    live_->change.steps.push_back({.name = std::string(name), .detail = std::string(detail)});
    live_->stepBegan = now;
  }
  book_.persist(live_->copy());
}

void ChangeRecorder::bytes(std::uint64_t done, std::uint64_t total) {
  std::lock_guard guard(live_->mutex);
  if (live_->change.steps.empty()) return;
  auto& step = live_->change.steps.back();
  step.doneBytes = std::max(step.doneBytes, done);  // never going back, also where a download begins anew
  step.totalBytes = total;
}

void ChangeRecorder::detail(std::string_view text) {
  std::lock_guard guard(live_->mutex);
  if (!live_->change.steps.empty()) live_->change.steps.back().detail = text;
}

void ChangeRecorder::versions(std::string_view from, std::string_view to) {
  std::lock_guard guard(live_->mutex);
  live_->change.from = from;
  live_->change.to = to;
}

void ChangeRecorder::evidence(std::string_view folder) {
  std::lock_guard guard(live_->mutex);
  live_->change.evidence = folder;
}

void ChangeRecorder::done(std::string_view outcome) { end(Change::State::Done, std::nullopt, outcome); }
void ChangeRecorder::failed(const Error& error, std::string_view outcome) { end(Change::State::Failed, error, outcome); }
void ChangeRecorder::rolledBack(const Error& error, std::string_view outcome) {
  end(Change::State::RolledBack, error, outcome);
}

// Told as running until its end is on disk and in the events: who reads that it has ended may rely on both.
void ChangeRecorder::end(Change::State state, const std::optional<Error>& error, std::string_view outcome) {
  Change change = live_->copy();
  endStep(change, live_->stepBegan, book_.clock_.now(), error ? ChangeStep::State::Failed : ChangeStep::State::Done);
  change.state = state;
  change.error = error;
  change.outcome = outcome;
  change.endedAt = formatTime(book_.clock_.wall());
  book_.persist(change);
  Event event{.type = "change-ended", .service = change.service, .why = error ? error->message() : change.outcome};
  event.details = {
      {"change", std::to_string(change.number)}, {"operation", change.operation}, {"result", std::string(name(state))}};
  if (error) event.details.emplace_back("code", name(error->code()));
  book_.events_.record(std::move(event));
  if (book_.ended_) book_.ended_(change);
  book_.forget(change.number);
  const std::lock_guard guard(live_->mutex);
  live_->change = std::move(change);
}

std::unique_ptr<ChangeRecorder> ChangeBook::begin(std::string_view operation, const ServiceId& service) {
  auto live = std::make_shared<ChangeRecorder::Live>();
  live->change.number = store_.next();
  live->change.operation = operation;
  live->change.service = service.text();
  live->change.startedAt = formatTime(clock_.wall());
  live->stepBegan = clock_.now();
  {
    std::lock_guard guard(mutex_);
    running_[live->change.number] = live;
  }
  persist(live->copy());
  return std::unique_ptr<ChangeRecorder>(new ChangeRecorder(*this, std::move(live)));
}

Result<Change> ChangeBook::read(std::uint64_t number) const {
  {
    std::lock_guard guard(mutex_);
    if (const auto live = running_.find(number); live != running_.end()) return live->second->copy();
  }
  return store_.read(number);
}

std::vector<Change> ChangeBook::latest(std::size_t most) const {
  auto changes = store_.latest(most).value_or(std::vector<Change>{});
  std::lock_guard guard(mutex_);
  for (auto& change : changes) {
    if (const auto live = running_.find(change.number); live != running_.end()) change = live->second->copy();
  }
  return changes;
}

std::vector<std::uint64_t> ChangeBook::running() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, live] : running_) numbers.push_back(number);
  return numbers;
}

Result<void> ChangeBook::abort(std::uint64_t number) {
  std::lock_guard guard(mutex_);
  const auto live = running_.find(number);
  if (live == running_.end()) return Error{ErrorCode::NotFound, "change " + std::to_string(number) + " is not running"};
  live->second->cancelled = true;
  return {};
}

void ChangeBook::persist(const Change& change) {
  // A full disk must not end a change that could go on; the change stays readable while it runs, and the event tells its
  // end.
  if (const auto saved = store_.save(change); !saved) {
    events_.record({.type = "change-unsaved", .service = change.service, .why = saved.error().message()});
  }
}

void ChangeBook::forget(std::uint64_t number) {
  constexpr std::uint64_t kAtOnce = 100;
  std::uint64_t oldest = number;
  {
    std::lock_guard guard(mutex_);
    running_.erase(number);
    for (const auto& [other, live] : running_) oldest = std::min(oldest, other);
  }
  if (number % kAtOnce != 0 || oldest <= limits::kChangesKept) return;
  if (const auto forgotten = store_.forgetBefore(oldest - limits::kChangesKept); !forgotten) {
    events_.record({.type = "changes-not-forgotten", .why = forgotten.error().message()});
  }
}

}  // namespace tenon::host
