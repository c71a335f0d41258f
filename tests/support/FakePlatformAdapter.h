// An adapter of a machine that a test makes up: its facts are plain values, its disk is any Files, its processes are the
// test's own. `files` outlives it.
#pragma once

#include "host/adapter/PlatformAdapter.h"
#include "tests/support/FakeProcesses.h"

namespace tenon::host {

class FakePlatformAdapter final : public PlatformAdapter {
 public:
  explicit FakePlatformAdapter(Files& files) : files_(files) {
    facts_.name = "fake";
    facts_.version = "1.0.0";
    facts_.platforms = {"linux-x64"};
    facts_.cpus = 2;
    facts_.memoryBytes = std::uint64_t{4} << 30;
    facts_.containment = "cgroup-v2";
    facts_.searchPath = "/usr/bin:/bin";
  }

  PlatformFacts& changeFacts() { return facts_; }
  FakeProcesses& fakeProcesses() { return processes_; }
  bool holdsTermination() const { return holds_; }

  const PlatformFacts& facts() const override { return facts_; }
  Files& files() override { return files_; }
  Processes& processes() override { return processes_; }
  Channels* channels() override { return nullptr; }
  int terminalColumns(int) override { return 0; }
  Result<std::vector<std::string>> authorities() override { return std::vector<std::string>(); }
  void holdTermination() override { holds_ = true; }
  bool canBecome() const override { return false; }
  Result<void> become(const std::vector<std::string>&) override {
    return Error(ErrorCode::PlatformUnsupported, "a process cannot become another program here");
  }
  SystemServices* systemServices() override { return nullptr; }

 private:
  PlatformFacts facts_;
  Files& files_;
  FakeProcesses processes_;
  bool holds_ = false;
};

}  // namespace tenon::host
