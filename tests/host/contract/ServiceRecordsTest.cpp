#include "host/contract/ServiceRecords.h"

#include "tests/host/contract/Samples.h"

namespace tenon::host {
namespace {

TEST(ServiceRecords, WantedReadsBackWhatItWrote) {
  EXPECT_FALSE(WantedState::parse(WantedState{false}.toJson()).value().running);
  EXPECT_TRUE(WantedState::parse(WantedState{true}.toJson()).value().running);
}

TEST(ServiceRecords, PolicyReadsBackWhatItWrote) {
  const ServicePolicy policy{{{"LOG_LEVEL", "debug"}, {"QUOTE", "a\"b\\c\n\xc3\xa9"}}};
  EXPECT_EQ(ServicePolicy::parse(policy.toJson()).value().env, policy.env);
  EXPECT_TRUE(ServicePolicy::parse("{}").value().env.empty());
}

TEST(ServiceRecords, RefusedReadsBackWhatItWrote) {
  RefusedReleases refused;
  refused.releases.push_back(
      {SemVer::parse("1.3.0").value(), PlatformId::parse("linux-x64").value(), digestOf('a'), "health 503", 57});
  const auto read = RefusedReleases::parse(refused.toJson());
  ASSERT_TRUE(read) << read.error().message();
  ASSERT_EQ(read->releases.size(), 1U);
  EXPECT_EQ(read->releases[0].why, "health 503");
  EXPECT_EQ(read->releases[0].change, 57U);
  EXPECT_TRUE(read->contains(digestOf('a')));
  EXPECT_FALSE(read->contains(digestOf('b')));
}

TEST(ServiceRecords, JournalReadsBackWhatItWrote) {
  const JournalRecord journal{57, "upgrade", installed("1.3.0", 'a'), "1.3.0-linux-x64-8f3a"};
  const auto read = JournalRecord::parse(journal.toJson());
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->change, 57U);
  EXPECT_EQ(read->operation, "upgrade");
  EXPECT_EQ(read->to, installed("1.3.0", 'a'));
  EXPECT_EQ(read->staging, "1.3.0-linux-x64-8f3a");
  const auto removal = JournalRecord::parse(JournalRecord{58, "remove", std::nullopt, ""}.toJson());
  ASSERT_TRUE(removal);
  EXPECT_FALSE(removal->to);
}

TEST(ServiceRecords, JournalNamesNoFolderOutsideOfStaging) {
  for (const char* staging : {"..", ".", "a/b", "../x", "/", "C:", "a\\\\b"}) {
    const auto text = std::string(R"({"change":1,"operation":"install","staging":")") + staging + "\"}";
    expectRefused(JournalRecord::parse(text), ErrorCode::StateCorrupt, "expected the name of a folder");
  }
}

TEST(ServiceRecords, InstalledReadsBackWhatItWroteUnderTheOriginsKeys) {
  InstalledIndex index;
  for (const auto& release : {installed("1.2.0", 'a'), installed("1.3.0", 'b')})
    index.releases.emplace(InstalledIndex::key(release), release);
  const auto read = InstalledIndex::parse(index.toJson());
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->releases, index.releases);
  EXPECT_TRUE(read->releases.contains("1.3.0::linux-x64"));
}

TEST(ServiceRecords, Case58_WhatCannotBeReadIsStateCorruptAndNamesItsFile) {
  for (const char* bad : {"", "{", "[]", "null", "{\"running\":1}", "{\"running\":true,\"running\":false}"}) {
    expectRefused(WantedState::parse(bad), ErrorCode::StateCorrupt, "wanted.json: ");
  }
  for (const char* bad :
       {"", "[]", "{\"env\":[]}", "{\"env\":{\"A\":1}}", "{\"env\":{\"A=B\":\"x\"}}", "{\"env\":{\"\":\"x\"}}"}) {
    expectRefused(ServicePolicy::parse(bad), ErrorCode::StateCorrupt, "policy.json: ");
  }
  for (const char* bad : {"", "{}", "{\"releases\":{}}", "{\"releases\":[{}]}"}) {
    expectRefused(RefusedReleases::parse(bad), ErrorCode::StateCorrupt, "refused.json: ");
  }
  for (const char* bad : {"", "{}", R"({"change":-1,"operation":"install"})", R"({"change":1,"operation":"explode"})",
                          R"({"change":1,"operation":"install","to":{"version":"1"}})"}) {
    expectRefused(JournalRecord::parse(bad), ErrorCode::StateCorrupt, "journal.json: ");
  }
  for (const char* bad : {"", "[]", "{\"1.0.0::linux-x64\":{}}", "{\"x\":1}"}) {
    expectRefused(InstalledIndex::parse(bad), ErrorCode::StateCorrupt, "installed.json: ");
  }
  InstalledIndex wrongKey;
  wrongKey.releases.emplace("9.9.9::linux-x64", installed("1.0.0", 'a'));
  expectRefused(InstalledIndex::parse(wrongKey.toJson()), ErrorCode::StateCorrupt, "the key is not");
}

}  // namespace
}  // namespace tenon::host
