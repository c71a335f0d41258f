// The changes of this node: those that run, live, and those that ended, from disk. A change is made here, told of each step
// by whoever does the work, and ended exactly once. Any thread.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "host/base/Clock.h"
#include "host/observe/EventLog.h"
#include "host/package/ServicePackageManager.h"
#include "host/store/ChangeStore.h"

namespace tenon::host {

class ChangeBook;

// One running change. Owned by its worker; the book sees it through shared state.
class ChangeRecorder final : public PackageProgress {
 public:
  ~ChangeRecorder() override;  // a change that was never ended is ended as failed: our own bug, told as `internal`

  std::uint64_t number() const;
  const std::atomic<bool>& cancelled() const;

  void step(std::string_view name, std::string_view detail) override;  // begins a step, ends the one before as done
  void bytes(std::uint64_t done, std::uint64_t total) override;
  void detail(std::string_view text);  // of the running step
  void versions(std::string_view from, std::string_view to);
  void evidence(std::string_view folder);

  void done(std::string_view outcome);
  void failed(const Error& error, std::string_view outcome);
  void rolledBack(const Error& error, std::string_view outcome);

 private:
  friend class ChangeBook;
  struct Live;
  ChangeRecorder(ChangeBook& book, std::shared_ptr<Live> live) : book_(book), live_(std::move(live)) {}
  void end(Change::State state, const std::optional<Error>& error, std::string_view outcome);
  ChangeBook& book_;
  std::shared_ptr<Live> live_;
};

class ChangeBook {
 public:
  // Told of each change that has ended, on the thread that ended it.
  using Observer = std::function<void(const Change&)>;

  // Collaborators outlive the book.
  ChangeBook(ChangeStore& store, EventLog& events, const Clock& clock, Observer ended = {})
      : store_(store), events_(events), clock_(clock), ended_(std::move(ended)) {}

  std::unique_ptr<ChangeRecorder> begin(std::string_view operation, const ServiceId& service);
  Result<Change> read(std::uint64_t number) const;
  std::vector<Change> latest(std::size_t most) const;  // newest first
  std::vector<std::uint64_t> running() const;          // their numbers
  // Asks a running change to stop at its next safe point. not-found where it does not run.
  Result<void> abort(std::uint64_t number);

 private:
  friend class ChangeRecorder;
  void persist(const Change& change);
  void forget(std::uint64_t number);

  ChangeStore& store_;
  EventLog& events_;
  const Clock& clock_;
  const Observer ended_;
  mutable std::mutex mutex_;
  std::map<std::uint64_t, std::shared_ptr<ChangeRecorder::Live>> running_;
};

}  // namespace tenon::host
