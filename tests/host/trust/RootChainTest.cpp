#include "host/trust/RootChain.h"

#include <gtest/gtest.h>

#include "tests/host/trust/Roots.h"

namespace tenon::host {
namespace {

class RootChainTest : public testing::Test {
 protected:
  void follows(const SignedText& next) {
    const auto followed = chain_.follow(next);
    EXPECT_TRUE(followed) << followed.error().message();
  }
  // And is what it was.
  void refuses(const SignedText& next, ErrorCode code) {
    const std::string before = chain_.root().text();
    const auto followed = chain_.follow(next);
    ASSERT_FALSE(followed);
    EXPECT_EQ(name(followed.error().code()), name(code)) << followed.error().message();
    EXPECT_EQ(chain_.root().text(), before);
  }
  RootChain chain_ = RootChain::pin(signedBy(sampleRoot(), {1, 2})).value();
};

TEST_F(RootChainTest, BeginsWithARootThatItsOwnKeysSigned) {
  EXPECT_EQ(chain_.root().version, 1U);
  EXPECT_EQ(RootChain::pin(signedBy(sampleRoot(), {1})).error().code(), ErrorCode::ThresholdUnmet);
  EXPECT_EQ(RootChain::pin(signedBy(sampleRoot(), {8, 9})).error().code(), ErrorCode::KeyUnknown);
}

TEST_F(RootChainTest, FollowsOneStepAfterTheOther) {
  RootDocument next = after(sampleRoot());
  takeRole(next, TrustRole::Root, 1);
  giveRole(next, TrustRole::Root, 6);
  follows(signedBy(next, {2, 3}));  // two who are root keys of both
  RootDocument third = after(next);
  takeRole(third, TrustRole::Root, 2);
  takeRole(third, TrustRole::Root, 3);
  giveRole(third, TrustRole::Root, 7);
  follows(signedBy(third, {2, 3, 6, 7}));  // nobody is of both alone
  EXPECT_EQ(chain_.root().version, 3U);
}

TEST_F(RootChainTest, Case05RefusesARootThatReleaseOrIndexKeysSigned) {
  refuses(signedBy(after(sampleRoot()), {4, 5}), ErrorCode::KeyRole);
}

TEST_F(RootChainTest, Case13RefusesARootThatSkipsAStep) {
  refuses(signedBy(after(after(sampleRoot())), {1, 2}), ErrorCode::BindingMismatch);
  refuses(signedBy(sampleRoot(), {1, 2}), ErrorCode::BindingMismatch);  // nor one that goes back
}

TEST_F(RootChainTest, Case14RefusesARootThatOnlyTheNewOrOnlyTheOldKeysSigned) {
  RootDocument next = after(sampleRoot());
  for (const int old : {1, 2, 3}) takeRole(next, TrustRole::Root, old);
  for (const int fresh : {6, 7, 8}) giveRole(next, TrustRole::Root, fresh);
  refuses(signedBy(next, {6, 7, 8}), ErrorCode::KeyUnknown);
  refuses(signedBy(next, {1, 2, 3}), ErrorCode::KeyUnknown);
  refuses(signedBy(next, {1, 2, 6}), ErrorCode::ThresholdUnmet);
  refuses(signedBy(next, {1, 6, 7}), ErrorCode::ThresholdUnmet);
  follows(signedBy(next, {1, 2, 6, 7}));
}

TEST_F(RootChainTest, Case04RefusesARootByAKeyThatWasRevoked) {
  RootDocument next = after(sampleRoot());
  takeRole(next, TrustRole::Root, 3);
  next.revokedKeys.insert(idOf(3));
  follows(signedBy(next, {1, 2}));
  refuses(signedBy(after(next), {1, 3}), ErrorCode::KeyRevoked);
  RootDocument freed = after(next);
  freed.revokedKeys.clear();
  refuses(signedBy(freed, {1, 2}), ErrorCode::KeyRevoked);  // and a revoked key stays revoked
}

TEST_F(RootChainTest, Case24TakesNoOtherDocumentForARoot) {
  refuses(signedBy(sampleIndex(2).text(), {1, 2}), ErrorCode::FormatInvalid);
  refuses(signedBy("tenon-manifest 1\n", {1, 2}), ErrorCode::FormatInvalid);
}

TEST_F(RootChainTest, Case02VerifiesTheBytesBeforeItReadsThem) {
  SignedText next = signedBy(after(sampleRoot()), {1, 2});
  next.text = "{ nothing that is JSON";
  refuses(next, ErrorCode::SignatureInvalid);
}

}  // namespace
}  // namespace tenon::host
