// The six acceptance cases of the owner's specification, under its names.
#include <filesystem>
#include <thread>

#include "tests/journey/Journey.h"
#include "tests/journey/langid/Langid.h"

namespace tenon::host {

class Acceptance : public Journey {};

TEST_F(Acceptance, InstallSucceeds) {
  startHub();
  startAgent();
  publish(langid("1.0.0"));
  const auto installed = tenon("install langid");
  ASSERT_EQ(installed.status, 0) << installed.out << installed.err;
  auto row = status("langid");
  EXPECT_EQ(row["state"], "ready") << row["why"];
  EXPECT_EQ(row["version"], "1.0.0");
  EXPECT_EQ(row["platform"], platformName());
  EXPECT_NE(get(row["port"], "/health").find("\"1.0.0\""), std::string::npos);
  const std::string current = readText(serviceFolder("langid") + "/current.json");
  EXPECT_NE(current.find("\"good\""), std::string::npos) << current;
  EXPECT_TRUE(std::filesystem::exists(serviceFolder("langid") + "/installed.json"));
  EXPECT_FALSE(std::filesystem::exists(serviceFolder("langid") + "/journal.json"));
}

TEST_F(Acceptance, InstallTwiceIsTheSame) {
  ASSERT_NO_FATAL_FAILURE(serve(langid("1.0.0")));
  const auto pid = status("langid")["pid"];
  const std::string before =
      snapshot(serviceFolder("langid") + "/versions") + readText(serviceFolder("langid") + "/current.json");
  const auto again = tenon("install langid");
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(snapshot(serviceFolder("langid") + "/versions") + readText(serviceFolder("langid") + "/current.json"), before);
  EXPECT_EQ(status("langid")["pid"], pid);
}

TEST_F(Acceptance, TamperedPackageIsRefused) {
  ASSERT_NO_FATAL_FAILURE(serve(langid("1.0.0")));
  const std::string next = langid("1.1.0");
  writeNoise(next + "/models/noise", 1000);
  publish(next, 1);
  const std::string before = snapshot(serviceFolder("langid"));
  // In what changed: what the node has already is not asked for.
  const std::string zip = inHub("langid", "1.1.0", "service.zip");
  flipByte(zip, static_cast<long>(readText(zip).find("models/noise") + 500));
  const auto upgraded = tenon("upgrade langid");
  EXPECT_EQ(upgraded.status, 5) << upgraded.out << upgraded.err;
  EXPECT_NE(upgraded.err.find("content-mismatch"), std::string::npos) << upgraded.err;
  EXPECT_EQ(snapshot(serviceFolder("langid")), before);
  EXPECT_NE(get(status("langid")["port"], "/health").find("\"1.0.0\""), std::string::npos);
}

TEST_F(Acceptance, FailedStartRollsBack) {
  ASSERT_NO_FATAL_FAILURE(serve(langid("1.0.0")));
  const auto before = status("langid");
  const std::string bad = langid("1.1.0");
  endsAtStart(bad, 1, "the model is missing");
  publish(bad, 1);
  const auto upgraded = tenon("upgrade langid");
  EXPECT_EQ(upgraded.status, 3) << upgraded.out << upgraded.err;
  EXPECT_NE(upgraded.err.find("crash-loop"), std::string::npos) << upgraded.err;
  auto after = status("langid");
  EXPECT_EQ(after["version"], "1.0.0");
  EXPECT_EQ(after["pid"], before.at("pid")) << "a warm upgrade that fails does not touch the old release";
  EXPECT_FALSE(std::filesystem::exists(serviceFolder("langid") + "/versions/1.1.0"));
  const auto evidence = tenon("changes 2 --evidence");
  EXPECT_NE(evidence.out.find("the model is missing"), std::string::npos) << evidence.out << evidence.err;
  // The very same release is refused from now on.
  const auto again = tenon("upgrade langid");
  EXPECT_EQ(again.status, 1);
  EXPECT_NE(again.err.find("release-refused"), std::string::npos) << again.err;
}

TEST_F(Acceptance, FullDiskIsRefusedWithAHint) {
  if (!useSmallDisk()) GTEST_SKIP() << "no small disk is mounted here";
  ASSERT_NO_FATAL_FAILURE(serve(langid("1.0.0")));
  const std::string before = snapshot(serviceFolder("langid"));
  const std::string large = langid("1.1.0");
  writeNoise(large + "/models/noise", 50'000'000);
  publish(large, 1);
  const auto upgraded = tenon("upgrade langid");
  EXPECT_EQ(upgraded.status, 6) << upgraded.out << upgraded.err;
  EXPECT_NE(upgraded.err.find("disk-full"), std::string::npos) << upgraded.err;
  EXPECT_NE(upgraded.err.find("hint"), std::string::npos) << upgraded.err;
  EXPECT_EQ(snapshot(serviceFolder("langid")), before);
  EXPECT_EQ(status("langid")["state"], "ready");
}

TEST_F(Acceptance, ConcurrentInstallsDoNotCorrupt) {
  startHub();
  startAgent();
  publish(langid("1.0.0"));
  std::vector<Outcome> outcomes(6);
  std::vector<std::thread> installers;
  for (auto& outcome : outcomes) installers.emplace_back([&] { outcome = tenon("install langid"); });
  for (auto& installer : installers) installer.join();
  int done = 0;
  for (const auto& outcome : outcomes) {
    done += outcome.status == 0;
    if (outcome.status == 0) continue;
    EXPECT_EQ(outcome.status, 10) << outcome.err;
    EXPECT_NE(outcome.err.find("busy"), std::string::npos) << outcome.err;
  }
  EXPECT_GE(done, 1);
  EXPECT_EQ(status("langid")["state"], "ready");
  const auto verified = tenon("restart langid");
  EXPECT_EQ(verified.status, 0) << verified.err;
}

}  // namespace tenon::host
