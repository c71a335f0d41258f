// What every platform adapter must do, as tests: an adapter passes them or is none. Real processes, real files.
// A program instantiates ProcessSuite and FileSuite with each adapter that it has (tests/platform/…), names by
// TENON_TEST_CHILD and TENON_TEST_AGENT the two programs that the tests start, and defines runProgram().
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "host/adapter/PlatformAdapter.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {

// In what operating systems differ, however good the adapter; as a rule it is as on Linux.
struct SystemTraits {
  bool links = true;                                       // symbolic links can be made
  bool modes = true;                                       // files have an execute bit and permissions
  bool scripts = true;                                     // a program may be a text that names its interpreter
  bool limitsOpenFiles = true;                             // a limit on open files can be held
  bool limitsProcesses = true;                             // a limit on processes is held where the tests run
  bool limitKills = true;                                  // past its memory limit a process is killed
  bool cutsFronts = true;                                  // of files that are written meanwhile
  bool tellsListeners = true;                              // who listens is told where the tests run
  bool endsOfPipesAreSeen = true;                          // of a program of the console, where the tests run
  bool shutsNetwork = true;                                // of one process
  std::string aborted = "signal 6 (SIGABRT)";              // what std::abort() ends a process with
  int ownEntries = 0;                                      // in a child's environment beside those of its request
  std::string nothingThere = "No such file or directory";  // the system's words
};

struct AdapterUnderTest {
  std::string name;  // letters and digits, for the test's name
  std::function<Result<std::unique_ptr<PlatformAdapter>>()> open;
  SystemTraits system = {};
  std::string child = TENON_TEST_CHILD;  // the program that is started, where there are several ways to build it
};

inline void PrintTo(const AdapterUnderTest& adapter, std::ostream* out) { *out << adapter.name; }
inline std::string nameOfAdapter(const testing::TestParamInfo<AdapterUnderTest>& info) { return info.param.name; }

class FileSuite : public testing::TestWithParam<AdapterUnderTest> {
 protected:
  void SetUp() override;
  Files& files() { return adapter_->files(); }
  const SystemTraits& system() const { return GetParam().system; }
  // Makes a file with that content through the adapter.
  void put(const Path& path, std::string_view content, CreateOptions options = {});

  TempFolder folder_;
  std::unique_ptr<PlatformAdapter> adapter_;
};

class ProcessSuite : public testing::TestWithParam<AdapterUnderTest> {
 protected:
  void SetUp() override;
  void TearDown() override;  // kills what a test has left

  Processes& processes() { return adapter_->processes(); }
  const SystemTraits& system() const { return GetParam().system; }
  std::unique_ptr<PlatformAdapter> openAnother() const;
  bool hasGroups() const { return adapter_->facts().containment != "process-group"; }

  // A request for the test child with that verb and its arguments.
  SpawnRequest requestFor(std::initializer_list<std::string> verb) const;
  SpawnedProcess spawn(const SpawnRequest& request);
  SpawnedProcess spawn(std::initializer_list<std::string> verb) { return spawn(requestFor(verb)); }
  // Ends it and what it led to when the test is over.
  void own(ProcessId process) { owned_.push_back(process); }

  // The end of that process; others that end meanwhile are kept for their own turn.
  ProcessEnd waitForEnd(ProcessId process);
  // How many the tree has, once they are so many: what begins or ends on its own, as a console's host does, may be seen at
  // it.
  std::uint64_t waitForCount(ProcessId process, std::uint64_t expected);
  // The rest of the line of the child's output that begins so, once it is there.
  std::string waitForLine(std::string_view beginning);
  std::string output() const;

  TempFolder folder_;
  std::unique_ptr<PlatformAdapter> adapter_;

 private:
  void collectEnds(Millis most);

  std::vector<ProcessId> owned_;
  std::map<ProcessId, ProcessEnd> ends_;
};

// Runs a program to its end and returns what it wrote to its standard output. Each platform's tests have one of their own.
std::string runProgram(const std::vector<std::string>& argv);

// Runs the test agent (another process with an adapter of its own) and returns what it wrote, without the last line's end.
std::string runAgent(std::initializer_list<std::string> arguments);

}  // namespace tenon::host

// At the head of a test of what an operating system may lack.
#define TENON_NEEDS(trait) \
  if (!system().trait) GTEST_SKIP() << "not on this system: " #trait
