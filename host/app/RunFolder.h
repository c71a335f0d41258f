// What `tenon run` keeps while it runs, and how it shows what a program writes. One thread.
#pragma once

#include <ostream>
#include <string>
#include <utility>

#include "host/adapter/Files.h"
#include "host/base/Path.h"

namespace tenon::host {

// Below the system's folder for temporary files; the same for the same service folder, so that what a run that was killed
// left behind is found by the next.
Path runFolderOf(const Path& folder);

// What comes to a file, to a stream.
class Follower {
 public:
  Follower(Files& files, Path file, std::ostream& out) : files_(files), file_(std::move(file)), out_(out) {}
  void pump();

 private:
  Files& files_;
  const Path file_;
  std::ostream& out_;
  std::uint64_t at_ = 0;
};

}  // namespace tenon::host
