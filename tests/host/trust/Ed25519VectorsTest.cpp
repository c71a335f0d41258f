// The 151 verification cases of C2SP/wycheproof (testvectors_v1/ed25519_test.json).
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "host/base/Json.h"
#include "host/trust/Ed25519.h"
#include "tests/host/trust/Keys.h"

namespace tenon::host {
namespace {

struct Tally {
  int valid = 0, invalid = 0, wrong = 0;
};

void judge(const Json& group, Tally& tally) {
  const std::string key = unhex(*group.member("publicKey")->member("pk")->string());
  ASSERT_EQ(key.size(), 32u);
  const auto tests = group.member("tests")->array();
  ASSERT_TRUE(tests);
  for (const Json& test : *tests) {
    const bool valid = *test.member("result")->string() == "valid";
    const std::string message = unhex(*test.member("msg")->string()), signature = unhex(*test.member("sig")->string());
    const bool accepted = verifyEd25519(publicKeyFromBytes(key), message, signature);
    EXPECT_EQ(accepted, valid) << "case " << *test.member("tcId")->integer(0, 1000) << ": "
                               << *test.member("comment")->string();
    ++(valid ? tally.valid : tally.invalid);
    if (accepted != valid) ++tally.wrong;
  }
}

TEST(Ed25519, JudgesAllThirdPartyVectorsRight) {
  std::ifstream file(TENON_SHARED_DATA "/ed25519/ed25519_test.json", std::ios::binary);
  if (!file) GTEST_SKIP() << "no third-party vectors at " TENON_SHARED_DATA;
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto json = Json::parse(text);
  ASSERT_TRUE(json) << json.error().message();
  const auto groups = json->member("testGroups")->array();
  ASSERT_TRUE(groups);
  Tally tally;
  for (const Json& group : *groups) judge(group, tally);
  EXPECT_EQ(tally.valid, 88);
  EXPECT_EQ(tally.invalid, 63);
  EXPECT_EQ(tally.wrong, 0);
}

}  // namespace
}  // namespace tenon::host
