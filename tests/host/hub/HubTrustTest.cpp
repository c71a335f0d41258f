// The roots that a hub is given, and the index that it signs.
#include "host/hub/HubTrust.h"

#include <gmock/gmock.h>

#include <future>

#include "host/pack/Publisher.h"
#include "tests/host/hub/HubFixture.h"
#include "tests/host/trust/Roots.h"
#include "tests/support/ForwardingFiles.h"

namespace tenon::host {
namespace {

using testing::HasSubstr;

// Calls a test back once, when what is said of a release has just got its name.
class RewriteWatched final : public ForwardingFiles {
 public:
  using ForwardingFiles::ForwardingFiles;
  std::function<void()> act;
  Result<void> replace(const Path& from, const Path& to) override {
    auto replaced = ForwardingFiles::replace(from, to);
    if (to.name() == "variant.json" && act) std::exchange(act, nullptr)();
    return replaced;
  }
};

class HubTrustTest : public HubFixture {
 protected:
  void SetUp() override {
    indexKeys_.keys = {secretKey(4)};
    serve();
  }
  void give(const SignedText& root) {
    const auto given = Publisher(*files_, client_).publishRoot({url(""), token()}, root);
    ASSERT_TRUE(given) << given.error().message();
  }
  ReleaseIndex index() {
    const auto document = SignedText{get("/v1/index/linux-x64.json").body, get("/v1/index/linux-x64.json.sig").body};
    const auto signers = checkSigned(sampleRoot(), TrustRole::Index, document, "the index");
    EXPECT_TRUE(signers) << signers.error().message();
    return ReleaseIndex::parse(document.text).value();
  }
  void publishRelease(const std::string& version) {
    ASSERT_EQ(publish(packageOf("asr", version).zip().bytes()).status, 201);
  }
};

TEST_F(HubTrustTest, SignsAnIndexOfWhatItHas) {
  give(signedBy(sampleRoot(), {1, 2}));
  publishRelease("1.0.0");
  const ReleaseIndex first = index();
  ASSERT_EQ(first.releases.size(), 1U);
  EXPECT_EQ(first.releases[0].manifestSha256, sha256(packageOf("asr", "1.0.0").manifest().text()));
  EXPECT_EQ(index().sequence, first.sequence);  // nothing has changed
  publishRelease("1.1.0");
  const ReleaseIndex second = index();
  EXPECT_EQ(second.sequence, first.sequence + 1);
  EXPECT_EQ(second.releases.size(), 2U);
  EXPECT_EQ(get("/v1/index/windows-x64.json").status, 404);
  EXPECT_EQ(get("/v1/index/..json").status, 404);
}

TEST_F(HubTrustTest, RefreshesItsIndexBeforeItExpires) {
  give(signedBy(sampleRoot(), {1, 2}));
  publishRelease("1.0.0");
  const ReleaseIndex first = index();
  clock_.advance(std::chrono::hours{24 * 3});
  EXPECT_EQ(index().sequence, first.sequence);
  clock_.advance(std::chrono::hours{24});  // past the half
  const ReleaseIndex second = index();
  EXPECT_EQ(second.sequence, first.sequence + 1);
  EXPECT_EQ(second.expires, clock_.wall() + std::chrono::hours{24 * 7});
}

TEST_F(HubTrustTest, NeverUsesASequenceTwiceAlsoAfterARestart) {
  give(signedBy(sampleRoot(), {1, 2}));
  publishRelease("1.0.0");
  const ReleaseIndex first = index();
  serve();
  EXPECT_GT(index().sequence, first.sequence);
}

TEST_F(HubTrustTest, HasNoIndexWithoutARootOrAKey) {
  publishRelease("1.0.0");
  EXPECT_EQ(get("/v1/index/linux-x64.json").status, 404);
  EXPECT_THAT(log_.text(), HasSubstr("no root"));
  give(signedBy(sampleRoot(), {1, 2}));
  EXPECT_EQ(get("/v1/index/linux-x64.json").status, 200);
  indexKeys_.keys.clear();
  serve();
  EXPECT_EQ(get("/v1/index/linux-x64.json").status, 404);
  EXPECT_EQ(get("/v1/root/1.json").status, 200);
}

TEST_F(HubTrustTest, Case05SignsNothingWithAKeyThatHasNotTheRole) {
  indexKeys_.keys = {secretKey(5)};
  serve();
  give(signedBy(sampleRoot(), {1, 2}));
  publishRelease("1.0.0");
  const auto refused = get("/v1/index/linux-x64.json");
  EXPECT_EQ(memberOf(refused.body, "code"), "key-role") << refused.body;
  serve();
  EXPECT_THAT(log_.text(), HasSubstr("does not let this hub's keys"));
}

TEST_F(HubTrustTest, ServesTheRootsThatFollowAndRefusesOthers) {
  EXPECT_EQ(get("/v1/root/1.json").status, 404);
  give(signedBy(sampleRoot(), {1, 2}));
  const SignedText second = signedBy(after(sampleRoot()), {2, 3});
  give(second);
  give(second);  // again is fine
  EXPECT_EQ(get("/v1/root/2.json").body, second.text);
  EXPECT_EQ(get("/v1/root/2.json.sig").body, second.signatures);
  EXPECT_EQ(get("/v1/root/3.json").status, 404);
  for (const char* name : {"002", "+2", "2x", "", "-1", "99999999999999999999"}) {  // one root, one address
    EXPECT_EQ(get("/v1/root/" + std::string(name) + ".json").status, 404) << name;
  }
  Publisher publisher(*files_, client_);
  const auto offered = [&](const SignedText& root) {
    return publisher.publishRoot({url(""), token()}, root).error().code();
  };
  EXPECT_EQ(offered(signedBy(after(after(sampleRoot())), {1})), ErrorCode::ThresholdUnmet);
  EXPECT_EQ(offered(signedBy(after(after(after(sampleRoot()))), {1, 2})), ErrorCode::BindingMismatch);
  const auto stranger = publisher.publishRoot({url(""), "wrong"}, signedBy(after(after(sampleRoot())), {1, 2}));
  EXPECT_EQ(stranger.error().code(), ErrorCode::Unauthenticated);
  serve();
  EXPECT_EQ(get("/v1/root/2.json").status, 200);
  EXPECT_EQ(get("/v1/root/3.json").status, 404);
}

TEST_F(HubTrustTest, Case22YanksAReleaseAndOffersItAgain) {
  give(signedBy(sampleRoot(), {1, 2}));
  publishRelease("1.0.0");
  const std::uint64_t before = index().sequence;
  Publisher publisher(*files_, client_);
  const Release release = releaseNamed("asr", "1.0.0");
  EXPECT_EQ(publisher.yank({url(""), "wrong"}, release, true).error().code(), ErrorCode::Unauthenticated);
  ASSERT_TRUE(publisher.yank({url(""), token()}, release, true));
  EXPECT_TRUE(index().releases[0].yanked);
  EXPECT_GT(index().sequence, before);
  EXPECT_THAT(get("/api/services?service_id=asr").body, testing::Not(HasSubstr("1.0.0")));
  EXPECT_THAT(get("/api/services?service_id=asr&version=1.0.0").body, HasSubstr("1.0.0"));
  serve();
  EXPECT_TRUE(index().releases[0].yanked);
  ASSERT_TRUE(publisher.yank({url(""), token()}, release, false));
  EXPECT_FALSE(index().releases[0].yanked);
  EXPECT_EQ(publisher.yank({url(""), token()}, releaseNamed("asr", "9.9.9"), true).error().code(), ErrorCode::NotFound);
}

TEST_F(HubTrustTest, TwoYanksAtOnceLeaveDiskAndCatalogueTheSame) {
  publishRelease("1.0.0");
  hub_.reset();
  RewriteWatched files(*files_);
  hub_ = HubServer::open({.data = folder_ / "data", .listen = "127.0.0.1:0", .tokenFile = {}, .indexKeys = indexKeys_},
                         {files, pool_, clock_, log_, nullptr})
             .value();
  hub_->start();
  const auto release = releaseNamed("asr", "1.0.0");
  const HubAccess target{url(""), token()};
  std::future<Result<void>> other;
  files.act = [&] {
    other = std::async(std::launch::async, [&] { return Publisher(*files_, client_).yank(target, release, false); });
    other.wait_for(std::chrono::milliseconds{300});  // it may have to wait for this one
  };
  give(signedBy(sampleRoot(), {1, 2}));
  ASSERT_TRUE(Publisher(*files_, client_).yank(target, release, true));
  ASSERT_TRUE(other.get());
  const bool yanked = index().releases[0].yanked;
  hub_.reset();
  EXPECT_EQ(HubStore::open(*files_, folder_ / "data")->read(release)->yanked, yanked);
}

}  // namespace
}  // namespace tenon::host
