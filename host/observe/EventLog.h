// What happened, one JSON object a line in events.jsonl, each with a number that never repeats. Any thread.
// Past limits::kEventLogBytes the file becomes events.1.jsonl, in place of the one before it, and a new one begins.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/adapter/Files.h"
#include "host/base/Clock.h"
#include "host/base/Json.h"
#include "host/base/Log.h"

namespace tenon::host {

struct Event {
  std::uint64_t id = 0;  // set by record()
  std::string at;        // RFC 3339; set by record()
  std::string type;      // service-ready, service-exited, change-ended, signature-refused, …
  std::string service;   // "" where it is about none
  std::string why;       // one line
  std::vector<std::pair<std::string, std::string>> details;
  JsonObject toJson() const;
};

class EventLog {
 public:
  // Collaborators outlive the log.
  EventLog(Files& files, const Clock& clock, Log& log) : files_(files), clock_(clock), log_(log) {}

  // Takes up the file where it ends, with the last few hundred events in it; a torn last line is cut off by a newline.
  Result<void> open(const Path& file);
  // Never fails towards the caller: an event that cannot be written is kept in memory and the log says so once.
  void record(Event event);
  // Those after `id`, oldest first, at most `most`, out of the last thousand.
  std::vector<Event> after(std::uint64_t id, std::size_t most) const;
  std::uint64_t last() const;  // id of the youngest, 0 where there has never been one
  // Called after each record, by its thread and under the log's lock: wakes somebody, and no more. None: nobody, from then
  // on.
  void tell(std::function<void()> recorded);

 private:
  Path older() const;
  Result<void> openFile();
  Result<void> turnOver();
  Result<void> append(std::string_view line);

  Files& files_;
  const Clock& clock_;
  Log& log_;
  std::mutex fileMutex_;      // of the file and of the order of events; before mutex_
  std::optional<Path> path_;  // nothing: never opened, all stays in memory
  std::optional<WriteFile> file_;
  std::uint64_t bytes_ = 0;
  bool complained_ = false;

  mutable std::mutex mutex_;  // who reads waits for no disk
  std::uint64_t last_ = 0;
  std::deque<Event> recent_;  // their ids follow each other
  std::function<void()> recorded_;
};

}  // namespace tenon::host
