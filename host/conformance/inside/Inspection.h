// A process of its own with a job, seen from outside: this program, started again (`tenon plugin inspect`). Gone with this
// object. One thread, which alone waits for processes meanwhile.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/adapter/PlatformAdapter.h"
#include "host/base/Clock.h"
#include "host/conformance/inside/InspectionJob.h"

namespace tenon::host {

// Members of what an inspection says; "" and -1 where there is none.
inline std::string textIn(const Json& said, std::string_view member) { return said.stringOr(member, "").value_or(""); }
inline std::int64_t numberIn(const Json& said, std::string_view member) {
  constexpr std::int64_t kMost = std::int64_t{1} << 40;
  return said.integerOr(member, -1, -1, kMost).value_or(-1);
}

class Inspection {
 public:
  struct Setting {
    PlatformAdapter& adapter;
    const Clock& clock;
    Path tenon;   // the program
    Path folder;  // for the job and its output
  };
  // The job's `most` is how long it may take. Errors: io-error, spawn-failed.
  static Result<Inspection> start(const Setting& setting, const InspectionJob& job);
  Inspection(Inspection&& other) noexcept;
  Inspection& operator=(Inspection&&) = delete;
  ~Inspection();

  // Waits until it has said that, or has ended; past its time it is killed.
  void waitFor(const std::function<bool(const Json&)>& that);
  void waitForEnd() {
    waitFor([](const Json&) { return false; });
  }
  // Its main process alone, as when an agent is killed; waits for the end.
  Result<void> kill();

  const std::vector<Json>& said() const { return said_; }
  // The last that it said which has this member.
  std::optional<Json> last(std::string_view member) const;
  // How it ended where not of itself and well: "it ended by signal 11 (...)"; nothing else.
  std::optional<std::string> fault() const;

 private:
  Inspection(const Setting& setting, Path output) : setting_(setting), output_(setting.adapter.files(), std::move(output)) {}
  bool pump(const std::function<bool(const Json&)>& that);

  const Setting setting_;
  Follower output_;
  ProcessId process_ = 0;
  Instant end_{};
  std::string unread_;  // a line that is not whole
  std::vector<Json> said_;
  std::optional<ProcessEnd> ended_;
  bool late_ = false;
};

}  // namespace tenon::host
