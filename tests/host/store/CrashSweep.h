// Runs one piece of work against a disk that dies before each of its calls in turn, then looks at what is left: after the
// death of the process, and after a power cut that lost, tore or mixed what was not durable yet.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "tests/support/FakeFiles.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"
#include "tests/support/UnsyncedFiles.h"

namespace tenon::host {

struct CrashSweep {
  std::function<void(Files&, const Path& root)> prepare;  // what is there before, and durable
  std::function<Result<void>(Files&, const Path& root)> act;
  std::function<void(Files&, const Path& root, bool done)> check;  // done: act() had ended well before the cut
  std::uint64_t variants = 10;                                     // of power cuts: DiskModel::rebuild
  FakeFiles::Links links = FakeFiles::Links::Clone;
  MachineFiles* machine = nullptr;  // where what act() works with is of one machine; else the sweep has its own

  // Answers how many calls the work took.
  std::uint64_t run() const {
    std::optional<MachineFiles> own;
    UnsyncedFiles files(machine ? **machine : *own.emplace());
    for (std::uint64_t n = 1;; ++n) {
      TempFolder live;
      prepare(files, live.path());
      FakeFiles disk(files, live.path());
      disk.links(links);
      disk.stopBefore(n);
      const auto result = act(disk, live.path());
      const bool done = !disk.stopped();
      if (done) {
        EXPECT_TRUE(result) << result.error().message();
      }
      for (std::uint64_t variant = 0; variant < variants; ++variant) {
        TempFolder after;
        disk.powerCut(after.path(), variant);
        SCOPED_TRACE("cut before call " + std::to_string(n) + ", variant " + std::to_string(variant) + last(disk));
        check(files, after.path(), done);
        if (testing::Test::HasFailure()) return n;  // one state is enough to think about
      }
      SCOPED_TRACE("killed before call " + std::to_string(n) + last(disk));
      check(files, live.path(), done);
      if (done || testing::Test::HasFailure()) return n - 1;
    }
  }

 private:
  static std::string last(const FakeFiles& disk) {
    std::string text = "; it had done:";
    for (const auto& line : disk.log()) text += "\n  " + line;
    return text;
  }
};

}  // namespace tenon::host
