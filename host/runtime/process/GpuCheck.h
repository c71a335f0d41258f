// Is enough of a GPU's memory free for a service? Asked of the node's nvidia-smi before each start. Loop's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "host/base/Loop.h"
#include "host/runtime/process/OneShot.h"

namespace tenon::host {

class GpuCheck {
 public:
  using Done = std::function<void(Result<void>)>;

  explicit GpuCheck(SupervisionTools& tools) : tools_(tools), query_(tools), pause_(tools.loop) {}
  ~GpuCheck() { cancel(); }
  GpuCheck(const GpuCheck&) = delete;
  GpuCheck& operator=(const GpuCheck&) = delete;

  // `query`: as Launcher::gpuQuery() makes it. Asks for some seconds while too little is free, since what a process had that
  // has just ended takes a moment to come back. `done` may be called before this returns. Error: resource-missing, and
  // spawn-failed where the question could not be asked; both may pass.
  void run(Launcher::GpuQuery query, Done done);
  // `done` is not called then.
  void cancel();
  bool running() const { return query_.running() || pause_.running(); }

 private:
  void ask();
  void heard(const OneShot::Outcome& outcome);
  Result<void> judge(const OneShot::Outcome& outcome) const;
  void removeAnswer();

  SupervisionTools& tools_;
  OneShot query_;
  LoopTimer pause_;
  Launcher::GpuQuery question_{};
  int asked_ = 0;
  Done done_;
};

// The most that one GPU has free, in MiB: a number alone on its line. Nothing where there is none.
std::optional<std::uint64_t> freeGpuMegabytes(std::string_view told);

}  // namespace tenon::host
