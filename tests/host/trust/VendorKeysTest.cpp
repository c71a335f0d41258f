// Numbers in names are cases of the design's list of faults.
#include "host/trust/VendorKeys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/adapter/AtomicFile.h"
#include "host/trust/SignatureFile.h"
#include "tests/host/store/CrashSweep.h"
#include "tests/host/trust/Keys.h"
#include "tests/support/FakeClock.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

using testing::HasSubstr;
using Moment = VendorKeys::Moment;

VendorKey vendorKey(unsigned char number, std::vector<std::string> provides = {"lua"}) {
  VendorKey made;
  made.key = publicKeyOf(testKey(number));
  made.name = "acme";
  made.provides = std::move(provides);
  return made;
}

class VendorsKeys : public testing::Test {
 protected:
  static VendorKey key(unsigned char number, std::vector<std::string> provides = {"lua"}) {
    return vendorKey(number, std::move(provides));
  }
  static PluginClaim claim(std::vector<std::string> provides = {"lua"}, const char* version = "1.2.0") {
    return {"acme.lua", SemVer::parse(version).value(), std::move(provides)};
  }
  static SignedText signedBy(std::vector<unsigned char> numbers, const std::string& text = "a manifest") {
    std::vector<SecretKeyBytes> keys;
    for (const auto number : numbers) keys.push_back(testKey(number));
    return {text, toSignatureFile(signaturesOf(keys, text))};
  }
  // "" where it is taken.
  std::string refused(const SignedText& manifest, const PluginClaim& plugin, Moment moment = Moment::Arrival) {
    const auto by = keys_.check(manifest, plugin, moment);
    if (by) return "";
    return std::string(name(by.error().code())) + ": " + by.error().message();
  }

  MachineFiles machine_;
  FakeClock clock_;
  TempFolder folder_;
  VendorKeys keys_{*machine_, clock_, folder_ / "trust" / "plugins"};
};

TEST_F(VendorsKeys, WhatAKeyMaySignIsTaken) {
  ASSERT_TRUE(keys_.open());
  ASSERT_TRUE(keys_.trust(key(1)));
  EXPECT_EQ(keys_.check(signedBy({1}), claim(), Moment::Arrival).value().id(), key(1).id());
  EXPECT_EQ(keys_.check(signedBy({2, 1}), claim(), Moment::Arrival).value().id(), key(1).id());
}

TEST_F(VendorsKeys, TheyAreThereAfterAStartWithTheirScope) {
  auto whole = key(1, {"lua", "*"});
  whole.inProcess = true;
  whole.expires = clock_.wall() + std::chrono::hours(1);
  whole.minimum.emplace("acme.lua", SemVer::parse("1.0.0").value());
  ASSERT_TRUE(keys_.open());
  ASSERT_TRUE(keys_.trust(whole));
  VendorKeys again(*machine_, clock_, folder_ / "trust" / "plugins");
  ASSERT_TRUE(again.open());
  ASSERT_EQ(again.all().size(), 1u);
  EXPECT_EQ(again.all()[0].text(), whole.text());
}

TEST_F(VendorsKeys, Case80NobodyElseIsBelieved) {
  ASSERT_TRUE(keys_.open());
  EXPECT_THAT(refused(signedBy({1}), claim()), HasSubstr("key-unknown: acme.lua 1.2.0 is signed only by keys that"));
  ASSERT_TRUE(keys_.trust(key(1)));
  EXPECT_THAT(refused(signedBy({2}), claim()), HasSubstr("key-unknown: "));
  EXPECT_EQ(refused(signedBy({}), claim()), "signature-invalid: acme.lua 1.2.0 is not signed");
  SignedText changed = signedBy({1});
  changed.text += " ";
  EXPECT_THAT(refused(changed, claim()), HasSubstr("signature-invalid: the manifest of acme.lua 1.2.0 is not what key"));
  changed.signatures = "nonsense\n";
  EXPECT_THAT(refused(changed, claim()), HasSubstr("format-invalid: "));
}

TEST_F(VendorsKeys, Case80AKeySignsOnlyForItsExecTypes) {
  ASSERT_TRUE(keys_.open());
  ASSERT_TRUE(keys_.trust(key(1)));
  EXPECT_THAT(refused(signedBy({1}), claim({"python"})), HasSubstr("key-role: acme.lua 1.2.0 provides \"python\""));
  EXPECT_THAT(refused(signedBy({1}), claim({"lua", "python"})), HasSubstr("provides \"python\""));
  ASSERT_TRUE(keys_.trust(key(1, {"lua", "python"})));
  EXPECT_EQ(refused(signedBy({1}), claim({"lua", "python"})), "");
  ASSERT_TRUE(keys_.trust(key(1, {"*"})));
  EXPECT_EQ(refused(signedBy({1}), claim({"whatever"})), "");
}

TEST_F(VendorsKeys, WhatArrivedBeforeAKeyExpiredStartsAfterIt) {
  auto expiring = key(1);
  expiring.expires = clock_.wall() + std::chrono::hours(1);
  ASSERT_TRUE(keys_.open());
  ASSERT_TRUE(keys_.trust(expiring));
  EXPECT_EQ(refused(signedBy({1}), claim()), "");
  clock_.advance(std::chrono::hours(1));
  EXPECT_THAT(refused(signedBy({1}), claim()), HasSubstr("key-role: acme.lua 1.2.0 is signed by key"));
  EXPECT_EQ(refused(signedBy({1}), claim(), Moment::Start), "");
}

TEST_F(VendorsKeys, NothingOlderThanItsMinimumCounts) {
  auto floored = key(1);
  floored.minimum.emplace("acme.lua", SemVer::parse("1.3.0").value());
  ASSERT_TRUE(keys_.open());
  ASSERT_TRUE(keys_.trust(floored));
  EXPECT_THAT(refused(signedBy({1}), claim()), HasSubstr("downgrade-refused: acme.lua 1.2.0 is older than 1.3.0"));
  EXPECT_THAT(refused(signedBy({1}), claim(), Moment::Start), HasSubstr("downgrade-refused: "));
  EXPECT_EQ(refused(signedBy({1}), claim({"lua"}, "1.3.0")), "");
}

TEST_F(VendorsKeys, WhatIsRevokedStaysSo) {
  ASSERT_TRUE(keys_.open());
  EXPECT_EQ(keys_.revoke(key(1).id()).error().code(), ErrorCode::NotFound);
  ASSERT_TRUE(keys_.trust(key(1)));
  ASSERT_TRUE(keys_.revoke(key(1).id()));
  EXPECT_THAT(refused(signedBy({1}), claim(), Moment::Start), HasSubstr("key-revoked: "));
  EXPECT_EQ(keys_.trust(key(1)).error().code(), ErrorCode::KeyRevoked);
  VendorKeys again(*machine_, clock_, folder_ / "trust" / "plugins");
  ASSERT_TRUE(again.open());
  EXPECT_EQ(again.trust(key(1)).error().code(), ErrorCode::KeyRevoked);
}

TEST_F(VendorsKeys, AFolderThatCannotBeReadTrustsNobody) {
  ASSERT_TRUE(keys_.open());
  ASSERT_TRUE(keys_.trust(key(1)));
  ASSERT_TRUE(keys_.trust(key(2)));
  const Path folder = folder_ / "trust" / "plugins";
  ASSERT_TRUE(writeAtomically(*machine_, folder / (key(2).id() + ".json"), key(1).text()));
  VendorKeys again(*machine_, clock_, folder);
  const auto opened = again.open();
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message(), HasSubstr("not the one of its name"));
  EXPECT_FALSE(again.check(signedBy({1}), claim(), Moment::Start));
  EXPECT_FALSE(again.trust(key(3)));
}

TEST_F(VendorsKeys, AKeyWithoutAScopeIsRefused) {
  ASSERT_TRUE(keys_.open());
  EXPECT_FALSE(keys_.trust(key(1, {})));
  EXPECT_TRUE(keys_.all().empty());
}

// On a node where nothing was trusted yet: the folders on the way are new as well.
TEST(VendorKeysCrash, Case53And54AKeyThatIsTrustedIsWholeOrNotThere) {
  const FakeClock clock;
  CrashSweep sweep;
  sweep.prepare = [](Files&, const Path&) {};
  sweep.act = [&](Files& files, const Path& root) {
    return VendorKeys(files, clock, root / "trust" / "plugins").trust(vendorKey(1));
  };
  sweep.check = [&](Files& files, const Path& root, bool done) {
    VendorKeys keys(files, clock, root / "trust" / "plugins");
    const auto opened = keys.open();
    ASSERT_TRUE(opened) << opened.error().message();
    EXPECT_TRUE(!done || keys.all().size() == 1);
  };
  EXPECT_GT(sweep.run(), 6U);
}

TEST(VendorKeysCrash, Case53And54ARevokedKeyIsNeverForgotten) {
  const FakeClock clock;
  CrashSweep sweep;
  sweep.prepare = [&](Files& files, const Path& root) {
    ASSERT_TRUE(VendorKeys(files, clock, root / "trust" / "plugins").trust(vendorKey(1)));
  };
  sweep.act = [&](Files& files, const Path& root) -> Result<void> {
    VendorKeys keys(files, clock, root / "trust" / "plugins");
    TENON_CHECK(keys.open());
    return keys.revoke(vendorKey(1).id());
  };
  sweep.check = [&](Files& files, const Path& root, bool done) {
    VendorKeys keys(files, clock, root / "trust" / "plugins");
    const auto opened = keys.open();
    ASSERT_TRUE(opened) << opened.error().message();
    ASSERT_EQ(keys.all().size(), 1U);
    EXPECT_TRUE(keys.all()[0].revoked || !done);
  };
  EXPECT_GT(sweep.run(), 4U);
}

}  // namespace
}  // namespace tenon::host
