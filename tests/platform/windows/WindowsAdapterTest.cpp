// The shared suite on the adapter for Windows, and what is true of this one's processes alone.
#include <algorithm>
#include <set>

#include "platform/windows/Handle.h"
#include "platform/windows/Wide.h"
#include "platform/windows/process/Kill.h"
#include "platform/windows/process/Snapshot.h"
#include "tests/platform/windows/WindowsAdapters.h"
#include "tests/suites/ChannelSuite.h"

namespace tenon::host {

namespace {

using How = ProcessEnd::How;
using platform::Handle;

std::string groupOf(const SpawnedProcess& spawned) {
  const auto at = spawned.identity.find("\"name\":\"");
  const auto begin = at + 8;
  return spawned.identity.substr(begin, spawned.identity.find('"', begin) - begin);
}

Handle openJobOf(const SpawnedProcess& spawned) {
  return Handle(
      ::OpenJobObjectW(JOB_OBJECT_QUERY, FALSE, platform::toWide("Local\\tenon-job-" + groupOf(spawned))->c_str()));
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Windows, FileSuite, testing::Values(linkedInAdapter(), libraryAdapter()), nameOfAdapter);
INSTANTIATE_TEST_SUITE_P(Windows, ProcessSuite, testing::Values(linkedInAdapter(), libraryAdapter()), nameOfAdapter);
INSTANTIATE_TEST_SUITE_P(Windows, ChannelSuite, testing::Values(linkedInAdapter(), libraryAdapter()), nameOfAdapter);
INSTANTIATE_TEST_SUITE_P(Windows, WindowsProcess, testing::Values(linkedInAdapter(), libraryAdapter()), nameOfAdapter);

TEST_P(WindowsProcess, ArgumentsOfEveryShapeArriveAsTheyAre) {
  const auto spawned = spawn({"arguments", "a\\\\b", "\\", "say \"hi\"", "ends with\\", "\\\"", "\\\\\"x y\"", "*", "%PATH%",
                              "\xE4\xB8\xAD\xE6\x96\x87 \xF0\x9F\x8C\x8D"});
  EXPECT_EQ(waitForEnd(spawned.process).code, 0);
  EXPECT_EQ(output(),
            "[a\\\\b]\n[\\]\n[say \"hi\"]\n[ends with\\]\n[\\\"]\n[\\\\\"x y\"]\n[*]\n[%PATH%]\n"
            "[\xE4\xB8\xAD\xE6\x96\x87 \xF0\x9F\x8C\x8D]\n");
}

TEST_P(WindowsProcess, OfTwoNamesThatDifferInCaseTheLaterWins) {
  auto request = requestFor({"report"});
  request.env = {{"Path", "first"}, {"PATH", "second"}, {"\xC3\xA9t\xC3\xA9", "\xE5\xA4\x8F"}};
  EXPECT_EQ(waitForEnd(spawn(request).process).code, 0);
  EXPECT_EQ(waitForLine("env PATH="), "second");
  EXPECT_EQ(waitForLine("env \xC3\xA9t\xC3\xA9="), "\xE5\xA4\x8F");
  EXPECT_EQ(waitForLine("environment entries "), "4");
}

TEST_P(WindowsProcess, InheritsTheNamedHandlesAndNoOther) {
  SECURITY_ATTRIBUTES inheritable = {sizeof inheritable, nullptr, TRUE};
  std::vector<Handle> leaks;
  auto request = requestFor({"handles"});
  for (int count = 0; count < 20; ++count) {
    leaks.emplace_back(::CreateEventW(&inheritable, TRUE, FALSE, nullptr));  // as a careless library makes them
    request.argv.push_back(std::to_string(reinterpret_cast<std::uintptr_t>(leaks.back().get())));
  }
  EXPECT_EQ(waitForEnd(spawn(request).process).code, 0);
  EXPECT_NE(waitForLine("streams "), "");
  for (const auto& leak : leaks) EXPECT_EQ(::WaitForSingleObject(leak.get(), 0), DWORD{WAIT_TIMEOUT}) << output();
  EXPECT_EQ(waitForLine("streams ").substr(2), "1 1");  // FILE_TYPE_DISK
}

TEST_P(WindowsProcess, WaitsOnFarMoreThanSixtyFourAtOnce) {
  constexpr std::size_t kMany = 80;
  std::vector<SpawnedProcess> all;
  for (std::size_t count = 0; count < kMany; ++count) all.push_back(spawn({"sleep"}));
  std::set<std::int64_t> pids;
  for (const auto& one : all) pids.insert(one.pid);
  EXPECT_EQ(pids.size(), kMany);
  std::reverse(all.begin(), all.end());
  for (const auto& one : all) {
    ASSERT_TRUE(processes().signal(one.process, "TERM"));
    EXPECT_EQ(waitForEnd(one.process).code, 15);
  }
}

TEST_P(WindowsProcess, TheStopEventLetsAProcessEndByItself) {
  const auto spawned = spawn({"graceful"});
  EXPECT_EQ(waitForLine("event "), "Local\\tenon-stop-" + groupOf(spawned));
  ASSERT_TRUE(processes().signal(spawned.process, "TERM"));
  const auto end = waitForEnd(spawned.process);
  EXPECT_EQ(end.how, How::Exited);
  EXPECT_EQ(end.code, 0);
  EXPECT_EQ(waitForLine("tidied up"), "");
}

TEST_P(WindowsProcess, AnAdoptedProcessIsStoppedByItsEventAndItsExitCodeIsKnown) {
  const std::string identity = runAgent({"spawn", "graceful", folder_.text()});
  waitForLine("event ");
  const auto adopted = processes().adopt(identity);
  ASSERT_TRUE(adopted) << adopted.error().message();
  own(*adopted);
  ASSERT_TRUE(processes().signal(*adopted, "TERM"));
  const auto end = waitForEnd(*adopted);
  EXPECT_EQ(end.how, How::Exited);
  EXPECT_EQ(end.code, 0);
}

TEST_P(WindowsProcess, AnExitCodeIsToldWhole) {
  EXPECT_EQ(waitForEnd(spawn({"exit", "100000"}).process).code, 100000);
  EXPECT_EQ(waitForEnd(spawn({"exit", "-1073741819"}).process).code, -1073741819);  // an access violation's
}

TEST_P(WindowsProcess, ASignalThatWindowsHasNotIsRefused) {
  const auto spawned = spawn({"pause"});
  const auto sent = processes().signal(spawned.process, "USR1");
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code(), ErrorCode::PlatformUnsupported);
  EXPECT_EQ(runAgent({"is-alive", std::to_string(spawned.pid)}), "yes");
}

// Wine lets a job keep its name as long as a process is in it, so here the name in the identity is another one.
TEST_P(WindowsProcess, ATreeWhoseJobHasLostItsNameIsFoundByItsParents) {
  std::string identity = runAgent({"spawn", "stubborn", folder_.text()});
  const std::string grandchild = waitForLine("grandchild ");
  const auto at = identity.find("agent.1-");
  ASSERT_NE(at, std::string::npos) << identity;
  identity.insert(at + 8, "0");
  takeWarnings();
  const auto adopted = processes().adopt(identity);
  ASSERT_TRUE(adopted) << adopted.error().message();
  own(*adopted);
  const auto warnings = takeWarnings();
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("by parents and environment"), std::string::npos) << warnings[0];
  EXPECT_EQ(waitForCount(*adopted, 2), 2u);
  ASSERT_TRUE(processes().killTree(*adopted));
  EXPECT_EQ(runAgent({"is-alive", grandchild}), "no");
  EXPECT_EQ(waitForEnd(*adopted).code, 9);
}

TEST_P(WindowsProcess, WhatAnEndedProcessLeftBehindIsFoundByItsEnvironment) {
  const auto spawned = spawn({"abandon"});
  const std::string grandchild = waitForLine("grandchild ");
  waitForEnd(spawned.process);
  platform::Group group;  // without a job; its main process has ended, so no parents lead to the rest
  group.name = groupOf(spawned);
  group.leader = static_cast<DWORD>(spawned.pid);
  const auto members = platform::findMembers(group);
  const auto isGrandchild = [&](const platform::Member& member) { return std::to_string(member.pid) == grandchild; };
  EXPECT_TRUE(std::any_of(members.begin(), members.end(), isGrandchild));
  EXPECT_FALSE(platform::killGroup(group));
  EXPECT_EQ(runAgent({"is-alive", grandchild}), "no");
}

// Its image's name alone made it the console's host, which nobody counts.
TEST_P(WindowsProcess, AProgramThatIsNamedAsTheConsolesHostIsCountedAndKilled) {
  const Path program = folder_ / "conhost.exe";
  ASSERT_TRUE(adapter_->files().cloneOrLink(Path(TENON_TEST_CHILD), program));
  auto request = requestFor({"graceful"});
  request.argv[0] = program.text();
  const auto spawned = spawn(request);
  EXPECT_NE(waitForLine("event "), "");  // a process that has not begun has no image yet
  EXPECT_EQ(waitForCount(spawned.process, 1), 1u);
  ASSERT_TRUE(processes().killTree(spawned.process));
  EXPECT_EQ(runAgent({"is-alive", std::to_string(spawned.pid)}), "no");
  EXPECT_EQ(waitForEnd(spawned.process).code, 9);
}

// Between its making and its first instruction it is in no job yet.
TEST_P(WindowsProcess, AProcessThatItsDeadAgentNeverLetGoIsKilledByItsName) {
  const std::string mark =
      "suite-" + std::to_string(::GetCurrentProcessId()) + "-" + std::to_string(::GetTickCount64()) + ".";
  std::wstring environment = L"SystemRoot=C:\\windows";
  environment += L'\0';
  environment += L"TENON_STOP_EVENT=Local\\tenon-stop-" + *platform::toWide(mark + "lexicon.1-0123456789abcdef");
  environment += std::wstring(2, L'\0');
  std::wstring line = L"\"" + *platform::toWide(TENON_TEST_CHILD) + L"\" sleep";
  STARTUPINFOW startup = {};
  startup.cb = sizeof startup;
  PROCESS_INFORMATION made = {};
  ASSERT_TRUE(::CreateProcessW(nullptr, line.data(), nullptr, nullptr, FALSE, CREATE_SUSPENDED | CREATE_UNICODE_ENVIRONMENT,
                               environment.data(), nullptr, &startup, &made));
  const Handle process(made.hProcess), thread(made.hThread);
  ASSERT_TRUE(processes().killUnknown(mark));
  const bool ended = ::WaitForSingleObject(process.get(), 0) == WAIT_OBJECT_0;
  EXPECT_TRUE(ended);
  if (!ended) ::TerminateProcess(process.get(), 1);
}

TEST_P(WindowsProcess, AnotherTreeIsNotTakenForOursByItsEnvironment) {
  const auto spawned = spawn({"sleep"});
  platform::Group group;
  group.name = "suite.1-0123456789abcdef";
  group.leader = static_cast<DWORD>(spawned.pid);  // a number that has gone to a stranger since
  EXPECT_TRUE(platform::findMembers(group).empty());
}

TEST_P(WindowsProcess, TheJobHasTheLimitsOfTheRequest) {
  TENON_NEEDS(limitsProcesses);
  auto request = requestFor({"sleep"});
  request.memoryBytes = 64u << 20;
  request.processes = 7;
  const auto spawned = spawn(request);
  const Handle job = openJobOf(spawned);
  ASSERT_TRUE(job);
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {};
  ASSERT_TRUE(::QueryInformationJobObject(job.get(), JobObjectExtendedLimitInformation, &limits, sizeof limits, nullptr));
  const DWORD flags = limits.BasicLimitInformation.LimitFlags;
  EXPECT_NE(flags & JOB_OBJECT_LIMIT_JOB_MEMORY, 0u);
  EXPECT_EQ(limits.JobMemoryLimit, 64u << 20);
  EXPECT_EQ(limits.BasicLimitInformation.ActiveProcessLimit, 8u);  // and the console's host
}

TEST_P(WindowsProcess, ClosingAJobKillsNobody) {
  TENON_NEEDS(limitsProcesses);  // Wine drops the flags of a job
  const auto spawned = spawn({"sleep"});
  const Handle job = openJobOf(spawned);
  ASSERT_TRUE(job);
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {};
  ASSERT_TRUE(::QueryInformationJobObject(job.get(), JobObjectExtendedLimitInformation, &limits, sizeof limits, nullptr));
  EXPECT_EQ(limits.BasicLimitInformation.LimitFlags & JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, 0u);
}

TEST_P(WindowsProcess, ALimitThatCannotBeHeldIsWarnedOf) {
  auto request = requestFor({"exit", "0"});
  request.openFiles = 100;
  takeWarnings();
  EXPECT_EQ(waitForEnd(spawn(request).process).code, 0);
  const auto warnings = takeWarnings();
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("suite.1: its limit of open_files"), std::string::npos) << warnings[0];
}

TEST_P(WindowsProcess, BatchFilesAreNotStarted) {
  for (const std::string name : {"run.bat", "run.CMD"}) {
    auto request = requestFor({});
    request.argv = {folder_.write(name, "@echo off\r\n").text()};
    const auto spawned = processes().spawn(request);
    ASSERT_FALSE(spawned) << name;
    EXPECT_EQ(spawned.error().code(), ErrorCode::SpawnFailed);
    EXPECT_NE(spawned.error().message().find("batch files"), std::string::npos);
  }
}

TEST_P(WindowsProcess, TheProgramIsNeverLookedForInTheWorkingFolder) {
  auto request = requestFor({});
  folder_.write("child.exe", "MZ");
  request.argv = {"child.exe"};
  const auto spawned = processes().spawn(request);
  ASSERT_FALSE(spawned);
  EXPECT_EQ(spawned.error().field(), "argv[0]");
}

TEST_P(WindowsProcess, AMissingExtensionIsNamed) {
  auto request = requestFor({});
  request.argv = {(folder_.write("server.exe", "MZ").parent() / "server").text()};
  const auto spawned = processes().spawn(request);
  ASSERT_FALSE(spawned);
  EXPECT_NE(spawned.error().hint().find("server.exe"), std::string::npos) << spawned.error().message();
}

TEST_P(WindowsProcess, AWorkingFolderOfUpTo257CharactersIsTaken) {
  const auto folderOf = [&](std::size_t length) {
    const std::string begin = folder_.text() + "/" + std::string(120, 'a') + "/";
    const Path folder(begin + std::string(length - begin.size(), 'b'));
    std::filesystem::create_directories(TempFolder::native(folder));
    return folder;
  };
  auto request = requestFor({"exit", "0"});
  request.cwd = folderOf(257);
  EXPECT_EQ(waitForEnd(spawn(request).process).code, 0);
  request.cwd = folderOf(258);
  const auto refused = processes().spawn(request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::SpawnFailed);
  EXPECT_NE(refused.error().message().find("257"), std::string::npos) << refused.error().message();
}

TEST_P(WindowsProcess, ACommandLineThatWindowsCannotTakeIsRefused) {
  const auto spawned = processes().spawn(requestFor({"print", std::string(33000, 'x')}));
  ASSERT_FALSE(spawned);
  EXPECT_EQ(spawned.error().code(), ErrorCode::LimitExceeded);
}

TEST_P(WindowsProcess, ManySpawnsLeaveNoHandle) {
  DWORD before = 0, after = 0;
  for (int turn = 0; turn < 12; ++turn) {
    const auto spawned = processes().spawn(requestFor({"exit", "0"}));
    ASSERT_TRUE(spawned);
    waitForEnd(spawned->process);
    processes().release(spawned->process);
    if (turn == 3) ::GetProcessHandleCount(::GetCurrentProcess(), &before);  // the thread pool has its own by then
  }
  ::GetProcessHandleCount(::GetCurrentProcess(), &after);
  EXPECT_LE(after, before);
}

TEST_P(WindowsProcess, DescribesWindows) {
  const auto& facts = adapter_->facts();
  EXPECT_EQ(facts.name, "windows");
  EXPECT_EQ(facts.platforms, std::vector<std::string>{"windows-x64"});
  EXPECT_EQ(facts.containment, "job-object");
  EXPECT_FALSE(facts.isolation.userEver);
  EXPECT_NE(facts.searchPath.find(":\\"), std::string::npos) << facts.searchPath;
  EXPECT_EQ(facts.executable.text().substr(1, 2), ":/") << facts.executable.text();
  EXPECT_EQ(facts.executable.text().find('\\'), std::string::npos);
  EXPECT_EQ(adapter_->terminalColumns(0), 0);
  EXPECT_EQ(adapter_->terminalColumns(7), 0);
}

TEST(WindowsLibrary, ExportsItsEntryAndNothingElse) {
  const HMODULE library = ::LoadLibraryW(platform::toWide(TENON_WINDOWS_LIBRARY)->c_str());
  ASSERT_TRUE(library);
  const auto base = reinterpret_cast<std::uintptr_t>(library);
  const auto* dos = reinterpret_cast<const IMAGE_DOS_HEADER*>(base);
  const auto* head = reinterpret_cast<const IMAGE_NT_HEADERS64*>(base + static_cast<std::uintptr_t>(dos->e_lfanew));
  const auto place = head->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_EXPORT].VirtualAddress;
  ASSERT_NE(place, 0u);
  const auto* exports = reinterpret_cast<const IMAGE_EXPORT_DIRECTORY*>(base + place);
  ASSERT_EQ(exports->NumberOfNames, 1u);
  const auto first = *reinterpret_cast<const DWORD*>(base + exports->AddressOfNames);
  EXPECT_STREQ(reinterpret_cast<const char*>(base + first), "tenon_plugin_v1");
}

}  // namespace tenon::host
