#include "host/contract/release/Release.h"

#include "tests/host/contract/Samples.h"

namespace tenon::host {
namespace {

TEST(ServiceId, AcceptsWhatTheGrammarAllows) {
  for (const std::string& good : {std::string("a"), std::string("0"), std::string("nmt-zh-en"), std::string("asr_sherpa.v2"),
                                  std::string("com10"), std::string("console"), std::string(63, 'a')}) {
    const auto id = ServiceId::parse(good);
    ASSERT_TRUE(id) << good;
    EXPECT_EQ(id->text(), good);
  }
}

TEST(ServiceId, Case52_RefusesWhatIsNoSafeFolderName) {
  for (const std::string& bad :
       {std::string(), std::string("A"), std::string("-a"), std::string(".."), std::string("."), std::string(".a"),
        std::string("_a"), std::string("a/b"), std::string("a%2fb"), std::string("a\\b"), std::string("a b"),
        std::string("a:b"), std::string("a\n"), std::string("caf\xc3\xa9"), std::string(64, 'a'), std::string("a\0b", 3)}) {
    expectRefused(ServiceId::parse(bad), ErrorCode::FormatInvalid, "is no service id");
  }
}

TEST(ServiceId, Case31_RefusesNamesThatWindowsReserves) {
  for (const char* bad : {"con", "nul", "aux", "prn", "com1", "lpt9", "nul.txt", "con.a.b"}) {
    expectRefused(ServiceId::parse(bad), ErrorCode::FormatInvalid, "Windows reserves");
  }
  expectRefused(ServiceId::parse("a."), ErrorCode::FormatInvalid, "ends in a dot");
}

TEST(PlatformId, HasOneDashBetweenSystemAndMachine) {
  for (const char* good : {"linux-x64", "windows-x64", "darwin-arm64", "linux-x86_64"})
    EXPECT_TRUE(PlatformId::parse(good)) << good;
  for (const char* bad :
       {"", "linux", "linux-", "-x64", "linux-x64-musl", "linux--x64", "Linux-x64", "linux/x64", "..-x64"}) {
    expectRefused(PlatformId::parse(bad), ErrorCode::FormatInvalid, "is no platform");
  }
}

TEST(ReleaseSpec, ReadsAnIdWithOrWithoutAVersion) {
  EXPECT_FALSE(ReleaseSpec::parse("nmt-zh-en").value().version);
  const auto spec = ReleaseSpec::parse("nmt-zh-en@1.3.0-rc.1+b").value();
  EXPECT_EQ(spec.service.text(), "nmt-zh-en");
  EXPECT_EQ(spec.version->text(), "1.3.0-rc.1+b");
  for (const char* bad : {"", "@1.0.0", "a@", "a@1", "a@1.0.0@2.0.0", "a@latest", "A@1.0.0"})
    EXPECT_FALSE(ReleaseSpec::parse(bad)) << bad;
}

TEST(Release, SaysItsThreeNames) {
  EXPECT_EQ(releaseOf("nmt-zh-en", "1.3.0", "linux-x64").text(), "nmt-zh-en 1.3.0 linux-x64");
}

}  // namespace
}  // namespace tenon::host
