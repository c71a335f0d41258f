// Programs that somebody runs in a service's place: their output, how they ended, and an end for those that nobody asks
// about any more. Loop's thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "host/base/Path.h"
#include "host/runtime/process/OneShot.h"

namespace tenon::host {

struct Execution {
  bool running = true;
  std::optional<Error> notStarted;  // or why it was ended before its time
  ProcessEnd end;
  Path output;  // what it has written so far
};

class Executions {
 public:
  static constexpr std::size_t kMost = 16;
  static constexpr Millis kPatience{10'000};  // between two questions

  // Outputs lie in `folder`; what an earlier agent left there goes. A program of its runs until its service ends.
  Executions(SupervisionTools& tools, Path folder);

  std::uint64_t nextNumber() const { return last_ + 1; }
  // busy where kMost run; spawn-failed.
  Result<std::uint64_t> begin(SpawnRequest request);
  Result<Execution> ask(std::uint64_t number);  // not-found
  void end(std::uint64_t number);               // kills it where it runs, and forgets it

 private:
  struct Entry {
    explicit Entry(SupervisionTools& tools) : program(tools), patience(tools.loop) {}
    OneShot program;
    LoopTimer patience;
    Execution state;
  };
  void wait(std::uint64_t number, Entry& entry);

  SupervisionTools& tools_;
  const Path folder_;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, std::unique_ptr<Entry>> entries_;
};

}  // namespace tenon::host
