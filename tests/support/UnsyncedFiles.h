// A disk on which syncing costs nothing and does nothing: for sweeps that model durability themselves (FakeFiles) and would
// otherwise wait for the real disk thousands of times.
#pragma once

#include "tests/support/ForwardingFiles.h"

namespace tenon::host {

class UnsyncedFiles final : public ForwardingFiles {
 public:
  using ForwardingFiles::ForwardingFiles;
  Result<void> syncFile(Handle) override { return {}; }
  Result<void> syncFolder(const Path&) override { return {}; }
  Result<void> barrierSync(Handle) override { return {}; }
  void writeBehind(Handle, std::uint64_t) override {}
};

}  // namespace tenon::host
