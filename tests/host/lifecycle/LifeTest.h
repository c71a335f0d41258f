// A node on the real disk of this machine, its agent running, and a hub that has 1.1.0 … as a test publishes them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/host/lifecycle/LifeAgent.h"
#include "tests/host/lifecycle/LifeDisk.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"
#include "tests/support/UnsyncedFiles.h"

namespace tenon::host {

class LifeTest : public testing::Test {
 protected:
  LifeTest() { restartAgent(); }

  void publish(const std::string& version, bool warm = false) { world_.hub.publish(world_.shop.release(version, warm)); }
  InstalledRelease release(const std::string& version) {
    return disk().store.releases(&sha256).value().releases.at(version + "::linux-x64");
  }
  // As after kill -9 of the agent: the services run on.
  void killAgent() { agent_.reset(); }
  void restartAgent() {
    agent_.reset();
    agent_ = std::make_unique<LifeAgent>(world_, files_, folder_.path());
    const auto started = agent_->start();
    ASSERT_TRUE(started) << started.error().message();
  }
  LifeAgent& agent() { return *agent_; }

  // The change ended so; its error, where it has one, has this code.
  static void expectEnd(const Result<Change>& change, Change::State state, std::optional<ErrorCode> code = std::nullopt) {
    ASSERT_TRUE(change) << change.error().message();
    EXPECT_EQ(name(change->state), name(state)) << change->toJson().pretty();
    ASSERT_EQ(change->error.has_value(), code.has_value()) << change->toJson().pretty();
    if (code) {
      EXPECT_EQ(name(change->error->code()), name(*code)) << change->error->message();
    }
  }
  void installed(const std::string& version, bool warm = false) {
    publish(version, warm);
    expectEnd(agent().install("asr@" + version), Change::State::Done);
    ASSERT_EQ(disk().currentText(), version + " good");
  }
  LifeDisk disk() { return {files_, folder_.path()}; }
  std::map<std::string, std::string> services() { return filesUnder(files_, folder_ / "services"); }

  TempFolder folder_;
  MachineFiles machineFiles_;
  UnsyncedFiles files_{*machineFiles_};
  LifeWorld world_;
  std::unique_ptr<LifeAgent> agent_;
};

}  // namespace tenon::host
