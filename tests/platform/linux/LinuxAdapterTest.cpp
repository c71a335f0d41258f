// The shared suite on the adapter for Linux, linked in and loaded as a library, and what is true of this one alone.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "platform/linux/file/Barrier.h"
#include "tests/platform/linux/LinuxAdapters.h"
#include "tests/suites/ChannelSuite.h"

namespace tenon::host {

namespace {

std::size_t countDescriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

rlim_t hardLimitOfFiles() {
  struct rlimit limit = {};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_max;
}

class LinuxProcess : public ProcessSuite {
 protected:
  std::string status(const std::string& key) {
    const std::string value = waitForLine("status " + key + ":");
    return value.substr(value.find_first_not_of(" \t"));
  }
};

}  // namespace

INSTANTIATE_TEST_SUITE_P(Linux, FileSuite, testing::Values(linkedInAdapter(), libraryAdapter()), nameOfAdapter);
INSTANTIATE_TEST_SUITE_P(Linux, ProcessSuite, testing::Values(linkedInAdapter(), libraryAdapter()), nameOfAdapter);
INSTANTIATE_TEST_SUITE_P(Linux, ChannelSuite, testing::Values(linkedInAdapter(), libraryAdapter()), nameOfAdapter);
INSTANTIATE_TEST_SUITE_P(Linux, LinuxProcess, testing::Values(linkedInAdapter(), libraryAdapter()), nameOfAdapter);

TEST_P(LinuxProcess, TellsWhatThisProcessHolds) {
  using testing::Contains;
  using testing::Not;
  const auto before = adapter_->ownState().value();
  EXPECT_EQ(adapter_->ownState().value().descriptors, before.descriptors) << "looking leaves nothing";
  const int opened = ::open("/dev/zero", O_RDONLY | O_CLOEXEC);
  const auto handler = std::signal(SIGUSR2, SIG_IGN);
  ::setenv("TENON_TEST_HELD", "1", 1);
  OwnState now;
  std::thread([&] { now = adapter_->ownState().value(); }).join();
  ::unsetenv("TENON_TEST_HELD");
  std::signal(SIGUSR2, handler);
  ::close(opened);
  EXPECT_THAT(now.descriptors, Contains(std::to_string(opened) + " /dev/zero"));
  EXPECT_THAT(now.handlers, Contains(std::to_string(SIGUSR2) + " ignored"));
  EXPECT_THAT(now.environment, Contains("TENON_TEST_HELD=1"));
  EXPECT_EQ(now.threads.size(), before.threads.size() + 1);
  EXPECT_THAT(before.handlers, Not(Contains(std::to_string(SIGUSR2) + " ignored")));
}

TEST_P(LinuxProcess, InheritsNoDescriptorMaskOrDisposition) {
  const int leak = ::open("/dev/zero", O_RDONLY);  // without CLOEXEC, as a careless library does
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  sigset_t blocked, unblocked;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGUSR1);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &unblocked);
  const mode_t mask = ::umask(077);
  const auto spawned = spawn({"report"});
  ::umask(mask);
  ::pthread_sigmask(SIG_SETMASK, &unblocked, nullptr);
  std::signal(SIGPIPE, before);
  ::close(leak);

  EXPECT_EQ(waitForEnd(spawned.process).code, 0);
  EXPECT_EQ(waitForLine("descriptor 0 "), "/dev/null");
  EXPECT_EQ(waitForLine("descriptor 1 "), (folder_ / "output.log").text());
  EXPECT_EQ(waitForLine("descriptor 2 "), (folder_ / "output.log").text());
  const std::string text = output();
  EXPECT_EQ(text.find("descriptor ", text.find("descriptor 2 ") + 1), std::string::npos) << text;
  EXPECT_EQ(status("SigBlk"), "0000000000000000");
  EXPECT_EQ(status("SigIgn"), "0000000000000000");
  EXPECT_EQ(status("Umask"), "0022");
  EXPECT_EQ(status("NoNewPrivs"), "1");
  EXPECT_EQ(waitForLine("session "), "own");
}

TEST_P(LinuxProcess, TheCallersSignalMaskIsAsBefore) {
  sigset_t before, after;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &before);
  spawn({"exit", "0"});
  ::pthread_sigmask(SIG_SETMASK, nullptr, &after);
  for (int number = 1; number < 32; ++number) EXPECT_EQ(::sigismember(&before, number), ::sigismember(&after, number));
}

TEST_P(LinuxProcess, ManySpawnsLeaveNoDescriptorAndNoGroup) {
  std::size_t before = 0;
  for (int turn = 0; turn < 30; ++turn) {
    const auto spawned = processes().spawn(requestFor({"exit", "0"}));
    ASSERT_TRUE(spawned);
    waitForEnd(spawned->process);
    processes().release(spawned->process);
    if (turn == 0) before = countDescriptors();
    if (const auto at = spawned->identity.find("\"folder\":\""); at != std::string::npos) {
      const auto begin = at + 10;
      EXPECT_FALSE(std::filesystem::exists(spawned->identity.substr(begin, spawned->identity.find('"', begin) - begin)));
    }
  }
  EXPECT_EQ(countDescriptors(), before);
}

TEST_P(LinuxProcess, AFailedSpawnLeavesNoChild) {
  auto request = requestFor({});
  request.argv = {"/nothing-here"};
  const auto children = [] {
    std::ifstream file("/proc/thread-self/children");
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const std::string before = children();
  EXPECT_FALSE(processes().spawn(request));
  EXPECT_EQ(children(), before);
}

TEST_P(LinuxProcess, WithoutClone3AProcessIsInItsGroupAllTheSame) {
  const std::string identity = runAgent({"spawn-old-way", "stubborn", folder_.text()});
  const auto adopted = processes().adopt(identity);
  ASSERT_TRUE(adopted) << adopted.error().message() << identity;
  own(*adopted);
  waitForLine("grandchild ");
  EXPECT_EQ(processes().stats(*adopted)->processes, 2u);
}

TEST_P(LinuxProcess, TellsWhatWentToTheDisk) {
  struct statfs disk = {};
  ASSERT_EQ(::statfs(folder_.text().c_str(), &disk), 0);
  constexpr decltype(disk.f_type) kExt4 = 0xEF53, kXfs = 0x58465342;
  if (disk.f_type != kExt4 && disk.f_type != kXfs) GTEST_SKIP() << "the folder for temporary files is on no disk";
  constexpr std::uint64_t kBytes = 8 << 20;
  const auto spawned = spawn({"store", std::to_string(kBytes)});
  waitForLine("stored");
  const auto stats = processes().stats(spawned.process);
  ASSERT_TRUE(stats) << stats.error().message();
  EXPECT_GE(stats->writtenBytes, kBytes);
  EXPECT_LT(stats->writtenBytes, 2 * kBytes);
}

TEST_P(LinuxProcess, AServerMayOpenManyFilesAndWhatItStartsAsManyAsBefore) {
  constexpr rlim_t kUsual = 200;
  struct rlimit was = {}, raised = {};
  ::getrlimit(RLIMIT_NOFILE, &was);
  const struct rlimit usual = {kUsual, was.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &usual);
  std::thread([&] { adapter_->holdTermination(); }).join();  // the signals' mask is the thread's own
  ::getrlimit(RLIMIT_NOFILE, &raised);
  EXPECT_EQ(waitForEnd(spawn({"report"}).process).code, 0);
  EXPECT_EQ(waitForLine("open files "), "200");
  ::setrlimit(RLIMIT_NOFILE, &was);
  EXPECT_EQ(raised.rlim_cur, was.rlim_max);
  EXPECT_EQ(raised.rlim_max, was.rlim_max);
}

TEST_P(LinuxProcess, AServersOwnLimitOfFilesIsNoServices) {
  struct rlimit was = {};
  ::getrlimit(RLIMIT_NOFILE, &was);
  std::thread([&] { adapter_->holdTermination(); }).join();
  auto request = requestFor({"report"});
  request.openFiles = 77;
  EXPECT_EQ(waitForEnd(spawn(request).process).code, 0);
  EXPECT_EQ(waitForLine("open files "), "77");
  ::setrlimit(RLIMIT_NOFILE, &was);
}

TEST(LinuxAdapter, WhatAServerBecomesHasTheLimitOfFilesFromBefore) {
  const std::string text = runProgram({"sh", "-c", "ulimit -Sn 200; exec " TENON_TEST_AGENT " become report"});
  EXPECT_NE(text.find("server " + std::to_string(hardLimitOfFiles()) + "\n"), std::string::npos) << text;
  EXPECT_NE(text.find("open files 200\n"), std::string::npos) << text;
}

TEST(LinuxAdapter, OpensNothingThatStaysOpenAndStartsNoThread) {
  const std::size_t before = countDescriptors();
  const auto adapter = linkedInAdapter().open();
  ASSERT_TRUE(adapter);
  EXPECT_EQ(countDescriptors(), before);
  const auto tasks = std::filesystem::directory_iterator("/proc/self/task");
  EXPECT_EQ(std::distance(begin(tasks), end(tasks)), 1);
}

TEST(LinuxAdapter, HeldTerminationWaitsForTheThreadThatAsks) {
  const auto adapter = linkedInAdapter().open();
  ASSERT_TRUE(adapter);
  int got = 0;
  std::thread server([&] {  // the mask is a thread's own, and this program needs its signals
    (*adapter)->holdTermination();
    ::pthread_kill(::pthread_self(), SIGTERM);
    sigset_t asked;
    ::sigemptyset(&asked);
    ::sigaddset(&asked, SIGTERM);
    ::sigwait(&asked, &got);
  });
  server.join();
  EXPECT_EQ(got, SIGTERM);
}

TEST(LinuxAdapter, ATerminalIsAskedForItsWidthAndNothingElseIs) {
  const auto adapter = linkedInAdapter().open();
  ASSERT_TRUE(adapter);
  EXPECT_EQ((*adapter)->terminalColumns(0), 0);
  EXPECT_EQ((*adapter)->terminalColumns(7), 0);
}

TEST_P(ChannelSuite, WithoutPrivilegesRootHasNone) {
  SpawnRequest request = requestFor({"echo"});
  request.isolation.privileges = false;
  open(request);
  const std::string status = ask("status").value();
  for (const char* set : {"CapPrm", "CapEff", "CapBnd"}) {
    if (std::string(set) == "CapBnd" && ::geteuid() != 0) continue;
    EXPECT_THAT(status, testing::HasSubstr(std::string(set) + ":\t0000000000000000"));
  }
}

TEST(Barrier, KnowsTheKernelsWhoseSyncfsTellsErrors) {
  for (const char* tells : {"5.8.0", "5.10.0-32-amd64", "6.1.0-18-amd64", "10.0"})
    EXPECT_TRUE(platform::syncfsTellsErrors(tells));
  for (const char* keeps : {"5.7.19", "4.19.0-27-amd64", "3.10", "", "x"}) EXPECT_FALSE(platform::syncfsTellsErrors(keeps));
}

TEST(Barrier, OnOlderKernelsSyncsEachFile) {
  const TempFolder folder;
  folder.write("a/b/file", "x");
  folder.write("c", "y");
  std::filesystem::create_symlink("/no/such/file", (folder / "a/link").text());
  EXPECT_FALSE(platform::syncFilesBelow(folder.text()));
  const auto missing = platform::syncFilesBelow((folder / "none").text());
  ASSERT_TRUE(missing);
  EXPECT_THAT(missing->message, testing::HasSubstr("list " + (folder / "none").text()));
}

}  // namespace tenon::host
