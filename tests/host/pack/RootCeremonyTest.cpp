// The operator's ceremony: roots made, signed one key after the other, and rotated; and every node follows what comes of it.
#include "host/pack/RootCeremony.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/store/TrustStore.h"
#include "tests/host/trust/Roots.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

using testing::HasSubstr;

class RootCeremonyTest : public testing::Test {
 protected:
  static PublicKeyBytes open(int key) { return publicKeyOf(secretKey(key)); }
  static RootChange beginning() {
    RootChange change;
    change.roles[TrustRole::Root] = {.add = {open(1), open(2), open(3)}, .remove = {}, .threshold = 2};
    change.roles[TrustRole::Index] = {.add = {open(4)}, .remove = {}, .threshold = {}};
    change.roles[TrustRole::Release] = {.add = {open(5)}, .remove = {}, .threshold = {}};
    return change;
  }
  Result<SignatureState> sign(std::uint64_t version, int key) {
    return RootCeremony::sign(*files_, file(version), secretKey(key));
  }
  void make(std::uint64_t version, const RootChange& change, std::initializer_list<int> keys) {
    const auto made = version == 1 ? ceremony_.create(change) : ceremony_.rotate(change);
    ASSERT_TRUE(made) << made.error().message();
    EXPECT_EQ(made->root.version, version);
    for (const auto key : keys) ASSERT_TRUE(sign(version, key));
    ASSERT_TRUE(ceremony_.state()->isComplete());
  }
  SignedText read(std::uint64_t version) { return readSigned(*files_, file(version), limits::kRootBytes).value(); }
  Path file(std::uint64_t version) { return folder_ / (std::to_string(version) + ".json"); }

  MachineFiles files_;
  TempFolder folder_;
  RootCeremony ceremony_{*files_, folder_.path()};
};

TEST_F(RootCeremonyTest, MakesRootsThatNodesFollow) {
  make(1, beginning(), {1, 2});
  auto chain = RootChain::pin(read(1));
  ASSERT_TRUE(chain) << chain.error().message();
  RootChange change;
  change.roles[TrustRole::Root] = {.add = {open(6)}, .remove = {idOf(1).substr(0, 12)}, .threshold = {}};
  change.roles[TrustRole::Index] = {.add = {open(7)}, .remove = {idOf(4)}, .threshold = {}};
  change.revokeReleases = {ReleaseSpec::parse("asr@1.2.0").value()};
  make(2, change, {2, 3});
  RootChange further;
  further.revokeKeys = {idOf(5)};
  further.roles[TrustRole::Release] = {.add = {open(8)}, .remove = {}, .threshold = {}};
  make(3, further, {6, 3});
  ASSERT_TRUE(chain->follow(read(2)));
  const auto followed = chain->follow(read(3));
  ASSERT_TRUE(followed) << followed.error().message();
  EXPECT_TRUE(chain->root().revokedKeys.contains(idOf(5)));
  EXPECT_FALSE(chain->root().keys.contains(idOf(1)));
  EXPECT_TRUE(chain->root().role(TrustRole::Index).keys.contains(idOf(7)));
}

TEST_F(RootCeremonyTest, SaysWhoseSignaturesAreWantedByBothThresholds) {
  make(1, beginning(), {1, 2});
  RootChange change;
  for (const int old : {1, 2}) change.roles[TrustRole::Root].remove.push_back(idOf(old));
  change.roles[TrustRole::Root].add = {open(6), open(7)};
  ASSERT_TRUE(ceremony_.rotate(change));
  auto state = sign(2, 6).value();
  ASSERT_EQ(state.sides.size(), 2U);
  EXPECT_EQ(state.sides[0].version, 1U);
  EXPECT_TRUE(state.sides[0].signedBy.empty());
  EXPECT_EQ(state.sides[1].signedBy, std::vector{idOf(6)});
  state = sign(2, 3).value();  // of both
  EXPECT_FALSE(state.isComplete());
  EXPECT_TRUE(sign(2, 1)->isComplete());
  EXPECT_TRUE(RootChain::pin(read(1))->follow(read(2)));
}

TEST_F(RootCeremonyTest, Case05LetsNoOtherKeySignARoot) {
  ASSERT_TRUE(ceremony_.create(beginning()));
  for (const int key : {4, 5, 9}) EXPECT_EQ(sign(1, key).error().code(), ErrorCode::KeyRole);
}

TEST_F(RootCeremonyTest, Case06CountsAKeyThatSignsAgainOnce) {
  ASSERT_TRUE(ceremony_.create(beginning()));
  ASSERT_TRUE(sign(1, 1));
  EXPECT_FALSE(sign(1, 1)->isComplete());
  EXPECT_EQ(parseSignatureFile(read(1).signatures)->size(), 1U);
}

TEST_F(RootCeremonyTest, RefusesWhatCouldNotWork) {
  RootChange change = beginning();
  change.roles[TrustRole::Root].threshold = 4;
  EXPECT_EQ(ceremony_.create(change).error().code(), ErrorCode::FormatInvalid);
  EXPECT_EQ(ceremony_.state().error().code(), ErrorCode::NotFound);
  ASSERT_TRUE(ceremony_.create(beginning()));
  EXPECT_EQ(ceremony_.create(beginning()).error().code(), ErrorCode::AlreadyExists);
  RootChange revoke;
  revoke.revokeReleases = {ReleaseSpec::parse("asr@1.0.0").value()};
  EXPECT_EQ(ceremony_.rotate(revoke).error().code(), ErrorCode::ThresholdUnmet);  // root 1 is not signed yet
  ASSERT_TRUE(sign(1, 1));
  ASSERT_TRUE(sign(1, 3));
  EXPECT_EQ(ceremony_.rotate({}).error().code(), ErrorCode::Usage);
  RootChange last;
  last.revokeKeys = {idOf(5)};
  EXPECT_EQ(ceremony_.rotate(last).error().code(), ErrorCode::FormatInvalid);  // nobody could sign releases
  RootChange vague;
  vague.revokeKeys = {idOf(5).substr(0, 4)};
  EXPECT_EQ(ceremony_.rotate(vague).error().code(), ErrorCode::Usage);
  EXPECT_FALSE(folder_.exists("2.json"));
}

TEST_F(RootCeremonyTest, ARevokedKeyNeverComesBack) {
  make(1, beginning(), {1, 2});
  RootChange change;
  change.revokeKeys = {idOf(4)};
  change.roles[TrustRole::Index].add = {open(7)};
  make(2, change, {1, 2});
  RootChange again;
  again.roles[TrustRole::Index].add = {open(4)};
  EXPECT_EQ(ceremony_.rotate(again).error().code(), ErrorCode::KeyRevoked);
}

TEST_F(RootCeremonyTest, SignsNoRootThatSomebodyEdited) {
  ASSERT_TRUE(ceremony_.create(beginning()));
  std::string text = folder_.read("1.json");
  text.replace(text.find("\"threshold\": 2"), 14, "\"threshold\":2 ");
  folder_.write("1.json", text);
  const auto edited = sign(1, 1);
  EXPECT_EQ(edited.error().code(), ErrorCode::FormatInvalid);
  EXPECT_THAT(edited.error().message(), HasSubstr("one content has one text"));
}

}  // namespace
}  // namespace tenon::host
