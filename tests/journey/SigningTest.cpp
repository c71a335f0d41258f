// A package that is signed after it was made: another key's signature beside the first, and nothing else is changed.
#include "tests/journey/Journey.h"

namespace tenon::host {

class Signing : public Journey {
 protected:
  void SetUp() override { ASSERT_EQ(tenon("key gen --out " + path("second")).status, 0); }
};

TEST_F(Signing, AnUnsignedPackageBecomesWhatPackingWithTheKeyMakes) {
  const std::string folder = langid("1.0.0");
  const std::string expected = readText(pack(folder));
  const std::string zip = pack(folder, 0, false);
  ASSERT_NE(readText(zip), expected);
  const auto done = tenon("sign " + zip + " --key " + path("release.key"));
  ASSERT_EQ(done.status, 0) << done.err;
  EXPECT_TRUE(readText(zip) == expected);
  EXPECT_EQ(tenon("verify " + zip + " --trust " + path("release.pub")).status, 0);
  EXPECT_FALSE(readText(zip + ".sig.json").empty());
}

TEST_F(Signing, SignaturesOfOthersStayAndOnesOwnIsRenewed) {
  const std::string zip = pack(langid("1.0.0"));
  for (int i = 0; i < 2; ++i) ASSERT_EQ(tenon("sign " + zip + " --key " + path("second.key")).status, 0);
  const auto answer = Json::parse(tenon("-o json sign " + zip + " --key " + path("second.key")).out);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->find("key_ids")->array().value().size(), 2u);
  for (const std::string key : {"release", "second"}) {
    EXPECT_EQ(tenon("verify " + zip + " --trust " + path(key + ".pub")).status, 0) << key;
  }
}

TEST_F(Signing, WhatDoesNotHoldWhatItsManifestSaysIsNotSigned) {
  const std::string zip = pack(langid("1.0.0"));
  flipByte(zip, static_cast<long>(readText(zip).size() / 2));
  const std::string before = readText(zip), signature = readText(zip + ".sig.json");
  const auto refused = tenon("sign " + zip + " --key " + path("second.key"));
  EXPECT_EQ(refused.status, 5) << refused.err;
  EXPECT_TRUE(readText(zip) == before);
  EXPECT_EQ(readText(zip + ".sig.json"), signature);
}

}  // namespace tenon::host
