// A service's log on the real disk, and who writes there, for the tests of this room.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "host/logs/LogSearch.h"
#include "host/logs/VersionLog.h"
#include "tests/support/ForwardingFiles.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {

// As file systems that can't cut a front off (tmpfs, btrfs), or can't even empty it (Windows).
class LimitedFiles final : public ForwardingFiles {
 public:
  enum class Can { Everything, Empty, Nothing };
  LimitedFiles(Files& files, Can can) : ForwardingFiles(files), can_(can) {}
  Result<void> emptyFront(const Path& log, std::uint64_t bytes) override {
    return can_ == Can::Nothing ? Files::emptyFront(log, bytes) : ForwardingFiles::emptyFront(log, bytes);
  }
  Result<void> cutFront(const Path& log, std::uint64_t bytes) override {
    return can_ == Can::Everything ? ForwardingFiles::cutFront(log, bytes) : Files::cutFront(log, bytes);
  }

 private:
  Can can_;
};

// "line 17 ....\n", numbered from 0, of lengths that do not repeat soon; always the same for the same number.
inline std::string numberedLine(std::uint64_t number) {
  return "line " + std::to_string(number) + " " + std::string(number * 7919 % 97, static_cast<char>('a' + number % 26)) +
         "\n";
}
inline std::string numberedLines(std::uint64_t from, std::uint64_t to) {
  std::string text;
  for (std::uint64_t i = from; i < to; ++i) text += numberedLine(i);
  return text;
}

inline Result<std::string> readAllOf(const VersionLog& log, std::uint64_t from = 0, std::uint64_t most = 1 << 20) {
  std::string text;
  for (std::uint64_t offset = from;;) {
    TENON_TRY(const auto piece, log.read(offset, most));
    if (piece.bytes.empty()) return text;
    text += piece.bytes;
    offset = piece.next;
  }
}

class LogDisk : public testing::Test {
 protected:
  Path log() const { return folder_ / "1.3.0.log"; }
  std::shared_ptr<VersionLog> open() { return open(*disk_); }
  std::shared_ptr<VersionLog> open(Files& files) {
    auto opened = VersionLog::open(files, log());
    EXPECT_TRUE(opened) << opened.error().message();
    return opened ? *opened : nullptr;
  }
  void write(std::string_view text) { write(*disk_, text); }
  void write(Files& files, std::string_view text) {
    auto file = WriteFile::create(files, 0, log().text(), {.append = true});
    ASSERT_TRUE(file) << file.error().message();
    ASSERT_TRUE(file->append(text));
  }
  std::vector<std::string> names() {
    std::vector<std::string> all;
    const auto entries = disk_->list(folder_.path());
    for (const auto& entry : *entries) all.push_back(entry.name);
    return all;
  }
  std::vector<std::string> archiveNames() {
    auto all = names();
    std::erase_if(all, [](const std::string& name) { return !name.ends_with(".log.gz"); });
    return all;
  }
  std::size_t archives() { return archiveNames().size(); }
  void empty() {
    for (const auto& name : names()) ASSERT_TRUE(disk_->removeFile(folder_ / name));
  }

  TempFolder folder_;
  MachineFiles disk_;
  std::atomic<bool> stop_ = false;
};

// Every kind of disk, for tests of each.
inline auto everyDisk() {
  return testing::Values(LimitedFiles::Can::Everything, LimitedFiles::Can::Empty, LimitedFiles::Can::Nothing);
}
inline std::string nameOfDisk(const testing::TestParamInfo<LimitedFiles::Can>& disk) {
  if (disk.param == LimitedFiles::Can::Everything) return "Cuts";
  return disk.param == LimitedFiles::Can::Empty ? "Empties" : "Neither";
}

}  // namespace tenon::host
