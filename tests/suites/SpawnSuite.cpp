// What a spawn refuses, and the limits that it sets.
#include <filesystem>

#include "tests/suites/PlatformAdapterSuite.h"

namespace tenon::host {

namespace {

using How = ProcessEnd::How;

constexpr std::uint64_t kMiB = 1 << 20;

bool says(const Error& error, const std::string& part) { return error.message().find(part) != std::string::npos; }

void makeExecutable(const Path& path) {
  std::filesystem::permissions(path.text(), std::filesystem::perms::owner_all | std::filesystem::perms::others_exec);
}

}  // namespace

TEST_P(ProcessSuite, AMissingProgramIsNamed) {
  auto request = requestFor({});
  request.argv = {(folder_ / "nothing-here").text()};
  const auto spawned = processes().spawn(request);
  ASSERT_FALSE(spawned);
  EXPECT_EQ(spawned.error().code(), ErrorCode::SpawnFailed);
  EXPECT_EQ(spawned.error().message(), "start " + request.argv[0] + ": " + system().nothingThere);
}

TEST_P(ProcessSuite, AMissingInterpreterIsToldFromAMissingProgram) {
  TENON_NEEDS(scripts);
  auto request = requestFor({});
  request.argv = {folder_.write("run.sh", "#!/no/such/interpreter -u\n").text()};
  makeExecutable(Path(request.argv[0]));
  const auto spawned = processes().spawn(request);
  ASSERT_FALSE(spawned);
  EXPECT_EQ(spawned.error().code(), ErrorCode::SpawnFailed);
  EXPECT_TRUE(says(spawned.error(), "its interpreter /no/such/interpreter is missing")) << spawned.error().message();
}

TEST_P(ProcessSuite, LineEndsOfWindowsInAScriptAreRecognised) {
  TENON_NEEDS(scripts);
  auto request = requestFor({});
  request.argv = {folder_.write("run.sh", "#!/bin/sh\r\necho\r\n").text()};
  makeExecutable(Path(request.argv[0]));
  const auto spawned = processes().spawn(request);
  ASSERT_FALSE(spawned);
  EXPECT_NE(spawned.error().hint().find("Windows"), std::string::npos) << spawned.error().hint();
}

TEST_P(ProcessSuite, AFileThatMayNotBeExecutedIsNamedWithAHint) {
  TENON_NEEDS(scripts);
  auto request = requestFor({});
  request.argv = {folder_.write("run.sh", "#!/bin/sh\n").text()};
  const auto spawned = processes().spawn(request);
  ASSERT_FALSE(spawned);
  EXPECT_EQ(spawned.error().code(), ErrorCode::SpawnFailed);
  EXPECT_TRUE(says(spawned.error(), request.argv[0]));
  EXPECT_NE(spawned.error().hint().find("chmod +x"), std::string::npos);
}

TEST_P(ProcessSuite, AFileThatIsNoProgramIsNamedWithAHint) {
  auto request = requestFor({});
  request.argv = {folder_.write("run", "just text\n").text()};
  makeExecutable(Path(request.argv[0]));
  const auto spawned = processes().spawn(request);
  ASSERT_FALSE(spawned);
  EXPECT_EQ(spawned.error().code(), ErrorCode::SpawnFailed);
  EXPECT_FALSE(spawned.error().hint().empty());
}

TEST_P(ProcessSuite, AMissingWorkingFolderIsNamed) {
  auto request = requestFor({"exit", "0"});
  request.cwd = folder_ / "gone";
  const auto spawned = processes().spawn(request);
  ASSERT_FALSE(spawned);
  EXPECT_EQ(spawned.error().code(), ErrorCode::SpawnFailed);
  EXPECT_TRUE(says(spawned.error(), request.cwd.text())) << spawned.error().message();
}

TEST_P(ProcessSuite, TheOutputIsNeverWrittenThroughALink) {
  TENON_NEEDS(links);
  const Path target = folder_.write("target", "");
  std::filesystem::create_symlink(target.text(), (folder_ / "output.log").text());
  const auto spawned = processes().spawn(requestFor({"print", "x"}));
  ASSERT_FALSE(spawned);
  EXPECT_EQ(spawned.error().code(), ErrorCode::SpawnFailed);
  EXPECT_EQ(folder_.read("target"), "");
}

TEST_P(ProcessSuite, AnOutputInAMissingFolderIsNamed) {
  auto request = requestFor({"print", "x"});
  request.output = folder_ / "gone/output.log";
  const auto spawned = processes().spawn(request);
  ASSERT_FALSE(spawned);
  EXPECT_EQ(spawned.error().code(), ErrorCode::SpawnFailed);
  EXPECT_TRUE(says(spawned.error(), request.output.text()));
}

TEST_P(ProcessSuite, AWrongRequestNamesItsField) {
  const auto refuse = [&](const std::string& field, auto change) {
    auto request = requestFor({"exit", "0"});
    change(request);
    const auto spawned = processes().spawn(request);
    ASSERT_FALSE(spawned) << field;
    EXPECT_EQ(spawned.error().code(), ErrorCode::Usage) << field;
    EXPECT_EQ(spawned.error().field(), field);
  };
  refuse("argv", [](SpawnRequest& request) { request.argv.clear(); });
  refuse("argv[0]", [](SpawnRequest& request) { request.argv = {"sh"}; });
  refuse("argv[1]", [](SpawnRequest& request) { request.argv[1] = std::string("a\0b", 3); });
  refuse("cwd", [](SpawnRequest& request) { request.cwd = Path("here"); });
  refuse("output", [](SpawnRequest& request) { request.output = Path(); });
  refuse("name", [](SpawnRequest& request) { request.name = "../x"; });
  refuse("env[0]", [](SpawnRequest& request) { request.env = {{"A=B", "c"}}; });
  refuse("limits.cpus", [](SpawnRequest& request) { request.cpus = 0.0; });
  refuse("limits.memory_bytes", [](SpawnRequest& request) { request.memoryBytes = 0; });
}

TEST_P(ProcessSuite, AFailedSpawnIsNeverToldAsAnEnd) {
  auto request = requestFor({});
  request.argv = {"/nothing-here"};
  ASSERT_FALSE(processes().spawn(request));
  const auto ends = processes().wait(Millis(0));
  ASSERT_TRUE(ends);
  EXPECT_TRUE(ends->empty());
}

TEST_P(ProcessSuite, LimitsOpenFiles) {
  TENON_NEEDS(limitsOpenFiles);
  auto request = requestFor({"report"});
  request.openFiles = 77;
  EXPECT_EQ(waitForEnd(spawn(request).process).code, 0);
  EXPECT_EQ(waitForLine("open files "), "77");
}

TEST_P(ProcessSuite, AMemoryLimitKillsAndIsTold) {
  TENON_NEEDS(limitKills);
  if (!hasGroups()) GTEST_SKIP() << "no containment that limits memory: " << adapter_->facts().containmentWhy;
  auto request = requestFor({"allocate", std::to_string(256 * kMiB)});
  request.memoryBytes = 32 * kMiB;
  const auto spawned = spawn(request);
  const auto end = waitForEnd(spawned.process);
  EXPECT_EQ(end.how, How::Signalled) << output();
  EXPECT_EQ(end.code, 9);
  EXPECT_TRUE(end.outOfMemory);
  EXPECT_GT(processes().stats(spawned.process)->peakBytes, 16 * kMiB);
}

TEST_P(ProcessSuite, UnderItsMemoryLimitAProcessRunsOn) {
  auto request = requestFor({"allocate", std::to_string(8 * kMiB)});
  request.memoryBytes = 64 * kMiB;
  const auto spawned = spawn(request);
  waitForLine("allocated");
  ASSERT_TRUE(processes().signal(spawned.process, "KILL"));
  EXPECT_FALSE(waitForEnd(spawned.process).outOfMemory);
}

TEST_P(ProcessSuite, LimitsTheNumberOfProcesses) {
  TENON_NEEDS(limitsProcesses);
  if (!hasGroups()) GTEST_SKIP() << "no containment that limits processes: " << adapter_->facts().containmentWhy;
  auto request = requestFor({"forks", "20"});
  request.processes = 5;
  spawn(request);
  EXPECT_EQ(waitForLine("forked "), "4");
}

TEST_P(ProcessSuite, AcceptsALimitOnProcessors) {
  auto request = requestFor({"burn", "10"});
  request.cpus = 0.5;
  spawn(request);
  waitForLine("done");
}

}  // namespace tenon::host
