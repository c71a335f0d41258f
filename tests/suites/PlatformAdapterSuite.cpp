#include "tests/suites/PlatformAdapterSuite.h"

#include <algorithm>
#include <stdexcept>

namespace tenon::host {

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(FileSuite);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ProcessSuite);

namespace {

constexpr int kTurns = 20000;  // of at most a millisecond: a child that says nothing in that time never will

std::unique_ptr<PlatformAdapter> openOrThrow(const AdapterUnderTest& adapter) {
  auto opened = adapter.open();
  if (!opened) throw std::runtime_error(opened.error().message());
  return *std::move(opened);
}

}  // namespace

void FileSuite::SetUp() { adapter_ = openOrThrow(GetParam()); }

void FileSuite::put(const Path& path, std::string_view content, CreateOptions options) {
  auto file = WriteFile::create(files(), 0, path.text(), options);
  ASSERT_TRUE(file) << file.error().message();
  const auto written = file->append(content);
  ASSERT_TRUE(written) << written.error().message();
}

void ProcessSuite::SetUp() { adapter_ = openOrThrow(GetParam()); }

void ProcessSuite::TearDown() {
  if (!adapter_) return;
  for (const ProcessId process : owned_) {
    if (const auto killed = processes().killTree(process); killed) {
      if (!ends_.contains(process)) waitForEnd(process);
    }
    processes().release(process);
  }
}

std::unique_ptr<PlatformAdapter> ProcessSuite::openAnother() const { return openOrThrow(GetParam()); }

SpawnRequest ProcessSuite::requestFor(std::initializer_list<std::string> verb) const {
  SpawnRequest request;
  request.name = "suite.1";
  request.argv.push_back(GetParam().child);
  request.argv.insert(request.argv.end(), verb.begin(), verb.end());
  request.cwd = folder_.path();
  request.output = folder_ / "output.log";
  return request;
}

SpawnedProcess ProcessSuite::spawn(const SpawnRequest& request) {
  auto spawned = processes().spawn(request);
  if (!spawned) throw std::runtime_error(spawned.error().message() + "; output: " + output());
  own(spawned->process);
  return *std::move(spawned);
}

void ProcessSuite::collectEnds(Millis most) {
  const auto ends = processes().wait(most);
  if (!ends) throw std::runtime_error(ends.error().message());
  for (const auto& end : *ends) {
    if (!ends_.emplace(end.process, end).second) throw std::runtime_error("an end was told twice");
  }
}

ProcessEnd ProcessSuite::waitForEnd(ProcessId process) {
  for (int turn = 0; turn < kTurns; ++turn) {
    if (const auto found = ends_.find(process); found != ends_.end()) return found->second;
    collectEnds(Millis(1));
  }
  throw std::runtime_error("the process did not end");
}

std::uint64_t ProcessSuite::waitForCount(ProcessId process, std::uint64_t expected) {
  std::uint64_t count = 0;
  for (int turn = 0; turn < kTurns; ++turn) {
    count = processes().stats(process).value().processes;
    if (count == expected) break;
    collectEnds(Millis(1));
  }
  return count;
}

std::string ProcessSuite::output() const {
  return folder_.exists("output.log") ? folder_.read("output.log") : std::string();
}

std::string ProcessSuite::waitForLine(std::string_view beginning) {
  for (int turn = 0; turn < kTurns; ++turn) {
    const std::string text = "\n" + output();
    const auto at = text.find("\n" + std::string(beginning));
    const auto end = at == std::string::npos ? at : text.find('\n', at + 1);
    if (end != std::string::npos) return text.substr(at + 1 + beginning.size(), end - at - 1 - beginning.size());
    collectEnds(Millis(1));
  }
  throw std::runtime_error("the child did not write \"" + std::string(beginning) + "\" but: " + output());
}

std::string runAgent(std::initializer_list<std::string> arguments) {
  std::vector<std::string> argv = {TENON_TEST_AGENT};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  std::string text = runProgram(argv);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace tenon::host
