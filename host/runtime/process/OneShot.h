// Runs one program to its end without waiting for it: prepare steps and health programs. Loop's thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "host/base/Loop.h"
#include "host/runtime/supervision/SupervisionTools.h"

namespace tenon::host {

class OneShot {
 public:
  struct Outcome {
    std::optional<Error> notStarted;
    bool timedOut = false;  // and was killed
    ProcessEnd end;
    bool succeeded() const { return !notStarted && !timedOut && end.how == ProcessEnd::How::Exited && end.code == 0; }
  };
  using Done = std::function<void(const Outcome&)>;

  explicit OneShot(SupervisionTools& tools) : tools_(tools), deadline_(tools.loop) {}
  ~OneShot() { cancel(); }
  OneShot(const OneShot&) = delete;
  OneShot& operator=(const OneShot&) = delete;

  // One at a time. `done` may be called before this returns.
  void run(const SpawnRequest& request, Millis timeout, Done done);
  // Kills what runs; its `done` is not called.
  void cancel();
  bool running() const { return process_ != 0; }

 private:
  void ended(const ProcessEnd& end);

  SupervisionTools& tools_;
  LoopTimer deadline_;
  ProcessId process_ = 0;
  bool timedOut_ = false;
  Done done_;
};

// The last line of a program's output, printable and short; empty where there is none.
std::string lastLine(Files& files, const Path& output);

}  // namespace tenon::host
