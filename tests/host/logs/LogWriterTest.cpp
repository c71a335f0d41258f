// A real process writes numbered lines as fast as it can while this one rotates its log; an agent that does so is killed.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fcntl.h>

#include <thread>

#include "tests/host/logs/LogDisk.h"

namespace tenon::host {

namespace {

constexpr LogPolicy kMegabyte{.maxBytes = 16 * kFrontStep, .archives = 1000};

// A child of this one; what it does ends in _exit.
template <class Work>
pid_t fork(Work work) {
  const pid_t child = ::fork();
  if (child == 0) {
    work();
    ::_exit(0);
  }
  return child;
}

bool hasEnded(pid_t child) { return ::waitpid(child, nullptr, WNOHANG) != 0; }

// Thirty lines a call, as a program that buffers.
void writeLines(const std::string& path, std::uint64_t count) {
  const int log = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  std::string buffer;
  for (std::uint64_t i = 0; i < count; ++i) {
    buffer += std::to_string(i) + "\n";
    if (i % 30 != 29 && i + 1 < count) continue;
    if (::write(log, buffer.data(), buffer.size()) != static_cast<ssize_t>(buffer.size())) ::_exit(1);
    buffer.clear();
  }
}

// The number of lines, or what is wrong first.
std::string countLines(const VersionLog& log) {
  std::uint64_t next = 0;
  std::string rest;
  for (std::uint64_t offset = 0;;) {
    const auto piece = log.read(offset, 1 << 20);
    if (!piece) return piece.error().message();
    if (piece->begin != offset) return "a gap before " + std::to_string(piece->begin);
    if (piece->bytes.empty()) break;
    rest += piece->bytes;
    std::size_t from = 0;
    for (std::size_t to; (to = rest.find('\n', from)) != std::string::npos; from = to + 1, ++next) {
      if (rest.compare(from, to - from, std::to_string(next)) != 0) {
        return "line " + std::to_string(next) + " is " + rest.substr(from, to - from);
      }
    }
    rest.erase(0, from);
    offset = piece->next;
  }
  return rest.empty() ? std::to_string(next) : "a torn last line: " + rest;
}

// The number of lines, or what is wrong first, of a log that is written and rotated meanwhile.
std::string follow(const VersionLog& log, pid_t service) {
  std::uint64_t offset = 0, next = 0;
  std::string rest;
  for (bool ended = false, empty = false; !ended || !empty;) {
    ended = ended || hasEnded(service);
    const auto piece = log.read(offset, 100'003);
    if (!piece) return piece.error().message();
    if (piece->begin != offset) return "a gap before " + std::to_string(piece->begin);
    empty = piece->bytes.empty();
    offset = piece->next;
    rest += piece->bytes;
    std::size_t from = 0;
    for (std::size_t to; (to = rest.find('\n', from)) != std::string::npos; from = to + 1, ++next) {
      if (rest.substr(from, to - from) != std::to_string(next)) return "line " + std::to_string(next) + " is another";
    }
    rest.erase(0, from);
  }
  return std::to_string(next);
}

}  // namespace

class LogWriter : public LogDisk {
 protected:
  void SetUp() override {
    if (!open()->rotatesWhileWritten().value_or(false)) GTEST_SKIP() << "not on this system's disk";
  }
  static constexpr std::uint64_t kLines = 2'000'000;
};

TEST_F(LogWriter, TwoMillionLinesThroughManyRotationsNoneLostNoneDoubled) {
  const pid_t service = fork([&] { writeLines(log().text(), kLines); });
  const auto at = open();
  int rotations = 0;
  for (bool ended = false, more = false; !ended || more;) {
    ended = ended || hasEnded(service);
    const auto done = at->rotate(kMegabyte, stop_);
    ASSERT_TRUE(done) << done.error().message();
    if (done->archived > 0) ++rotations;
    more = done->more;
  }
  EXPECT_GE(rotations, 12);
  EXPECT_EQ(countLines(*at), std::to_string(kLines));
  EXPECT_EQ(countLines(*open()), std::to_string(kLines));
}

TEST_F(LogWriter, NoneIsLostOrDoubledWhenTheAgentIsKilledAgainAndAgain) {
  const pid_t service = fork([&] { writeLines(log().text(), kLines); });
  int killed = 0;
  for (bool ended = false; !ended || killed < 10; ++killed) {
    const pid_t agent = fork([&] {
      const auto at = VersionLog::open(*disk_, log());
      while (at && (*at)->rotate(kMegabyte, stop_)) continue;
    });
    ::usleep(static_cast<useconds_t>(1000 + killed * 7919 % 23'000));  // anywhere in a rotation
    ::kill(agent, SIGKILL);
    ::waitpid(agent, nullptr, 0);
    ended = ended || hasEnded(service);
    if (killed % 8 == 7) {  // and who reads meanwhile sees a beginning without a fault
      const auto text = countLines(*open());
      ASSERT_TRUE(text.find_first_not_of("0123456789") == std::string::npos || text.starts_with("a torn last line")) << text;
    }
  }
  const auto at = open();
  for (bool more = true; more;) more = at->rotate(kMegabyte, stop_)->more;
  EXPECT_EQ(countLines(*at), std::to_string(kLines));
}

// A reader on a thread of its own, while the keeper rotates.
TEST_F(LogWriter, WhoFollowsSeesEveryLineOnce) {
  const pid_t service = fork([&] { writeLines(log().text(), kLines / 4); });
  const auto at = open();
  std::atomic<bool> done = false;
  std::thread keeper([&] {
    while (!done) {
      const auto rotated = at->rotate({.maxBytes = 4 * kFrontStep, .archives = 1000}, stop_);
      EXPECT_TRUE(rotated) << rotated.error().message();
    }
  });
  EXPECT_EQ(follow(*at, service), std::to_string(kLines / 4));
  done = true;
  keeper.join();
  EXPECT_EQ(countLines(*at), std::to_string(kLines / 4));
}

// Mostly a hole, so that the test's disk need not have them.
TEST_F(LogWriter, Case86TenGigabytesAreReadFromBothEndsAndBoundedAtOnce) {
  constexpr std::uint64_t kSize = 10 * limits::GiB;
  write("first\n");
  ASSERT_EQ(::truncate(log().text().c_str(), static_cast<off_t>(kSize)), 0);
  write("\nlast but one\nlast\n");
  const auto at = open();
  const std::uint64_t end = kSize + 19;
  EXPECT_EQ(*at->end(), end);
  EXPECT_EQ(at->read(0, 6)->bytes, "first\n");
  EXPECT_LE(at->read(kSize / 2, kSize)->bytes.size(), limits::MiB);
  EXPECT_EQ(lastLines(*at, 2, limits::MiB).value(), "last but one\nlast\n");
  const LogPolicy usual;
  for (bool more = true; more;) more = at->rotate(usual, stop_)->more;
  EXPECT_EQ(archives(), usual.archives);
  EXPECT_EQ(*at->end(), end);
  EXPECT_GE(at->begin(), end - (usual.archives + 1) * usual.maxBytes);
  EXPECT_LE(at->begin(), end - usual.archives * usual.maxBytes);
  EXPECT_EQ(lastLines(*at, 2, limits::MiB).value(), "last but one\nlast\n");
  EXPECT_LE(disk_->inspect(log())->size - *disk_->firstData(log()), usual.maxBytes);
}

}  // namespace tenon::host
