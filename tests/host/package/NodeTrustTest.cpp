// Whom a node believes: the chain of roots, the index, the floors. Every refusal leaves trust/ byte for byte as it was.
#include "host/package/trust/NodeTrust.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/host/package/PackageMaker.h"
#include "tests/host/trust/TrustHub.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

using testing::HasSubstr;

class NodeTrustTest : public testing::Test {
 protected:
  NodeTrustTest() {
    http_.otherwise = [this](const HttpRequestOptions& request) { return answer(request); };
    hub_.put(sampleRoot(), {1, 2});
    hub_.put(index(10, {indexed("asr", "1.0.0"), indexed("asr", "1.1.0")}));
  }

  void pin() {
    auto roots = FollowedRoots::open(*files_, layout_);
    ASSERT_TRUE(roots);
    ASSERT_TRUE(roots->take(signedBy(sampleRoot(), {1, 2})));
    restart();
  }
  // As after a restart of the agent.
  void restart() {
    client_.emplace(HubClient::create(http_, "http://hub", [](Millis) {}).value());
    trust_ = std::make_unique<NodeTrust>(NodeTrust::Collaborators{*files_, clock_, verifier_}, layout_,
                                         std::vector<std::string>{"linux-x64"}, builtAt_);
    trust_->open(keys_);
  }

  static ReleaseIndex index(std::uint64_t sequence, std::vector<IndexedRelease> releases) {
    ReleaseIndex made = sampleIndex(sequence);
    made.releases = std::move(releases);
    return made;
  }
  Result<Offer> offer(const std::string& spec = "asr") { return trust_->offer(&*client_, ReleaseSpec::parse(spec).value()); }
  // Takes it, as an installation that ends well does.
  void use(const std::string& spec = "asr") {
    const auto offered = offer(spec);
    ASSERT_TRUE(offered) << offered.error().message();
    const Release& release = offered->variant.release;
    const auto used = trust_->remember(ReleaseFloor{release.service, release.platform, 1, release.version}, offered->index);
    ASSERT_TRUE(used) << used.error().message();
  }
  void refuses(const Result<Offer>& offered, ErrorCode code, const std::string& before) {
    ASSERT_FALSE(offered) << offered->told;
    EXPECT_EQ(name(offered.error().code()), name(code)) << offered.error().message();
    EXPECT_EQ(onDisk(), before);
    restart();
    EXPECT_EQ(onDisk(), before);
  }
  void refusesOffer(ErrorCode code) {
    const std::string before = onDisk();
    refuses(offer(), code, before);
  }
  // Every file of trust/ with its content.
  std::string onDisk() {
    std::string text;
    for (const Path& folder : {layout_.trust(), layout_.roots(), layout_.trustedKeys()}) {
      const auto entries = files_->list(folder);
      if (!entries) continue;
      for (const auto& entry : *entries) {
        text += entry.name + "\n";
        if (entry.kind == FileKind::File) text += files_->readAll(folder / entry.name, limits::kRootBytes).value();
      }
    }
    return text;
  }
  std::uint64_t rootVersion() { return trust_->status().root ? trust_->status().root->version : 0; }
  static Candidate candidate(const std::string& version, std::optional<std::uint64_t> sequence = 1) {
    return {releaseNamed("asr", version), sha256("m"), sequence};
  }

  ScriptedAnswer answer(const HttpRequestOptions& request) {
    if (beforeAnswer) beforeAnswer(request.url);
    if (auto found = hub_.answer(request.url)) return *std::move(found);
    return ScriptedAnswer{.body = list_.toJson()};
  }

  MachineFiles files_;
  TempFolder folder_;
  FakeClock clock_;
  WallTime builtAt_{};
  ScriptedHttp http_{clock_};
  TrustHub hub_;
  HubIndex list_;
  std::function<void(const std::string& url)> beforeAnswer;
  PackageLayout layout_{folder_.path()};
  KeyRing keys_;
  SignatureVerifier verifier_{KeyRing{}};
  std::optional<HubClient> client_;
  std::unique_ptr<NodeTrust> trust_;
};

TEST_F(NodeTrustTest, OffersWhatTheIndexHas) {
  pin();
  EXPECT_TRUE(trust_->status().byRoot);
  const auto offered = offer();
  ASSERT_TRUE(offered) << offered.error().message();
  EXPECT_EQ(offered->variant.release.text(), "asr 1.1.0 linux-x64");
  EXPECT_EQ(offered->variant.url, "/storage/services/asr/1.1.0/linux-x64/service.zip");
  EXPECT_EQ(*offered->manifestSha256, sha256("m"));
  EXPECT_THAT(offered->told, HasSubstr("index 10"));
  EXPECT_EQ(offer("nmt").error().code(), ErrorCode::NotFound);
}

TEST_F(NodeTrustTest, FollowsTheRootsThatTheHubHasAndKeepsThem) {
  pin();
  RootDocument next = after(sampleRoot());
  takeRole(next, TrustRole::Index, 4);
  giveRole(next, TrustRole::Index, 6);
  hub_.put(next, {1, 2});
  RootDocument third = after(next);
  third.revokedReleases.emplace("asr", "1.1.0");
  hub_.put(third, {2, 3});
  hub_.put(index(1, {indexed("asr", "1.0.0"), indexed("asr", "1.1.0")}), {6});
  EXPECT_EQ(offer()->variant.release.version.text(), "1.0.0");
  restart();
  EXPECT_EQ(rootVersion(), 3U);
}

TEST_F(NodeTrustTest, Case05RefusesAnIndexThatAReleaseKeySigned) {
  pin();
  hub_.put(index(11, {indexed("asr", "1.2.0")}), {5});
  refusesOffer(ErrorCode::KeyRole);
}

TEST_F(NodeTrustTest, Case01To04And12RefusesAnIndexThatNobodyOrTheWrongOneSigned) {
  pin();
  const std::string text = index(11, {indexed("asr", "1.2.0")}).text();
  hub_.indexes["linux-x64"] = {text, ""};
  refusesOffer(ErrorCode::SignatureInvalid);
  hub_.indexes["linux-x64"] = {text, signedBy("other", {4}).signatures};
  refusesOffer(ErrorCode::SignatureInvalid);
  hub_.indexes["linux-x64"] = signedBy(text, {9});
  refusesOffer(ErrorCode::KeyUnknown);
  hub_.indexes["linux-x64"] = {text, "ed25519 " + idOf(4) + " " + toBase64(std::string(63, 'x')) + "\n"};
  refusesOffer(ErrorCode::FormatInvalid);
}

TEST_F(NodeTrustTest, Case13And15RefusesARootThatSkipsAStepAndKeepsNothingOfIt) {
  pin();
  hub_.roots[2] = signedBy(after(after(sampleRoot())), {1, 2});
  refusesOffer(ErrorCode::BindingMismatch);
  EXPECT_EQ(rootVersion(), 1U);
}

TEST_F(NodeTrustTest, Case14And15RefusesARootThatOnlyNewKeysSignedAndKeepsNothingOfIt) {
  pin();
  RootDocument next = after(sampleRoot());
  for (const int key : {6, 7}) giveRole(next, TrustRole::Root, key);
  hub_.roots[2] = signedBy(next, {6, 7});
  refusesOffer(ErrorCode::KeyUnknown);
  hub_.roots[2] = signedBy(next, {1, 6});
  refusesOffer(ErrorCode::ThresholdUnmet);
  EXPECT_EQ(rootVersion(), 1U);
}

TEST_F(NodeTrustTest, Case16RefusesAnOlderIndexAndAnotherOneUnderTheSameSequence) {
  pin();
  use();
  hub_.put(index(9, {indexed("asr", "1.0.0"), indexed("asr", "1.1.0")}));
  refusesOffer(ErrorCode::MetadataRollback);
  hub_.put(index(10, {indexed("asr", "1.0.0")}));
  refusesOffer(ErrorCode::MetadataEquivocation);
  hub_.put(index(10, {indexed("asr", "1.0.0"), indexed("asr", "1.1.0")}));
  EXPECT_TRUE(offer());
  hub_.put(index(11, {indexed("asr", "1.0.0")}));
  EXPECT_TRUE(offer());
}

TEST_F(NodeTrustTest, Case17RefusesAnIndexThatHasExpired) {
  pin();
  clock_.advance(std::chrono::hours{24 * 8});
  refusesOffer(ErrorCode::MetadataExpired);
}

TEST_F(NodeTrustTest, Case19RefusesTheIndexOfAnotherPlatform) {
  pin();
  ReleaseIndex other = index(11, {indexed("asr", "1.2.0")});
  other.platform = PlatformId::parse("windows-x64").value();
  hub_.indexes["linux-x64"] = signedBy(other.text(), {4});
  refusesOffer(ErrorCode::BindingMismatch);
}

TEST_F(NodeTrustTest, Case21RootThatTakesTheIndexKeyAwayCuresASequenceThatWasRunUp) {
  pin();
  ReleaseIndex last = index(INT64_MAX, {indexed("asr", "1.1.0")});
  last.expires += std::chrono::hours{24 * 365 * 50};
  hub_.put(last);
  use();
  hub_.put(index(11, {indexed("asr", "1.1.0")}));
  refusesOffer(ErrorCode::MetadataRollback);

  RootDocument next = after(sampleRoot());
  takeRole(next, TrustRole::Index, 4);
  next.revokedKeys.insert(idOf(4));
  giveRole(next, TrustRole::Index, 6);
  hub_.put(next, {1, 2});
  hub_.put(index(1, {indexed("asr", "1.1.0")}), {6});
  use();
  hub_.put(last);  // and the old one does not come back
  refusesOffer(ErrorCode::KeyRevoked);
  hub_.put(index(1, {}), {6});
  refusesOffer(ErrorCode::MetadataEquivocation);  // the floor holds again
}

TEST_F(NodeTrustTest, KeepsTheFloorWhereARootOnlyAddsAnIndexKey) {
  pin();
  use();
  RootDocument next = after(sampleRoot());
  giveRole(next, TrustRole::Index, 6);
  hub_.put(next, {1, 2});
  hub_.put(index(9, {indexed("asr", "1.1.0")}), {6});
  EXPECT_EQ(offer().error().code(), ErrorCode::MetadataRollback);
}

// A note of the index that a release came by outlasts the agent, and may find a node whose roots are gone.
TEST_F(NodeTrustTest, TakesNoFloorOfAnIndexWhereNoRootIsInForce) {
  const IndexFloor seen{
      .platform = PlatformId::parse("linux-x64").value(), .sequence = 9, .sha256 = {}, .issued = {}, .signedBy = {}};
  TrustFloors floors;
  floors.put(seen);
  folder_.write("trust/floors.json", floors.toJson());
  restart();
  IndexFloor later = seen;
  later.sequence = 10;
  EXPECT_TRUE(trust_->remember(std::nullopt, later));
  EXPECT_EQ(trust_->status().floors.indexes.front().sequence, 9u);
}

TEST_F(NodeTrustTest, Case22RefusesARevokedRelease) {
  pin();
  RootDocument next = after(sampleRoot());
  next.revokedReleases.emplace("asr", "1.1.0");
  hub_.put(next, {1, 2});
  EXPECT_EQ(offer("asr@1.1.0").error().code(), ErrorCode::ReleaseRevoked);
  const auto offered = offer();
  EXPECT_EQ(offered->variant.release.version.text(), "1.0.0");
  EXPECT_EQ(trust_->admit(*offered, candidate("1.1.0"), true).error().code(), ErrorCode::ReleaseRevoked);
  EXPECT_EQ(trust_->checkNotRevoked(ServiceId::parse("asr").value(), SemVer::parse("1.1.0").value()).error().code(),
            ErrorCode::ReleaseRevoked);
  EXPECT_TRUE(trust_->checkNotRevoked(ServiceId::parse("asr").value(), SemVer::parse("1.0.0").value()));
}

TEST_F(NodeTrustTest, Case18RefusesAPackageOfWhichTheIndexNamesAnotherManifest) {
  pin();
  const auto offered = offer();
  Candidate other = candidate("1.1.0");
  other.identity = sha256("another");
  EXPECT_EQ(trust_->admit(*offered, other, true).error().code(), ErrorCode::BindingMismatch);
  EXPECT_TRUE(trust_->admit(*offered, candidate("1.1.0"), false));
}

TEST_F(NodeTrustTest, Case20RefusesWhatIsBelowTheFloorUnlessItIsAskedFor) {
  pin();
  use();  // 1.1.0, sequence 1
  const auto offered = offer();
  EXPECT_EQ(trust_->admit(*offered, candidate("1.0.0", 1), false).error().code(), ErrorCode::DowngradeRefused);
  EXPECT_EQ(trust_->admit(*offered, candidate("1.2.0", 0), false).error().code(), ErrorCode::DowngradeRefused);
  EXPECT_TRUE(trust_->admit(*offered, candidate("1.0.0", 1), true));
  EXPECT_TRUE(trust_->admit(*offered, candidate("1.1.0", 1), false));
  EXPECT_TRUE(trust_->admit(*offered, candidate("1.0.1", 2), false));  // a mended older line, by its sequence
  restart();
  EXPECT_FALSE(trust_->admit(*offered, candidate("1.0.0", 1), false));
}

TEST_F(NodeTrustTest, Case24TakesNoDocumentForOneOfAnotherType) {
  pin();
  hub_.indexes["linux-x64"] = signedBy(sampleRoot().text(), {4});
  refusesOffer(ErrorCode::FormatInvalid);
  hub_.indexes["linux-x64"] = signedBy("tenon-manifest 1\n", {4});
  refusesOffer(ErrorCode::FormatInvalid);
  hub_.roots[2] = signedBy(index(11, {}).text(), {1, 2});
  refusesOffer(ErrorCode::FormatInvalid);
}

TEST_F(NodeTrustTest, Case25KnowsThatTheClockIsWrong) {
  builtAt_ = parseTime("2026-11-20T00:00:00.000Z").value();
  pin();
  clock_.setWall(WallTime{});  // 1970: the program is older than that
  EXPECT_TRUE(offer());
  ReleaseIndex old = index(9, {indexed("asr", "1.0.0")});
  old.issued -= std::chrono::hours{24 * 30};
  old.expires -= std::chrono::hours{24 * 30};
  hub_.put(old);
  refusesOffer(ErrorCode::MetadataExpired);  // though by the clock it would be good for half a century
  clock_.setWall(parseTime("2076-11-24T00:00:00.000Z").value());
  hub_.put(index(11, {indexed("asr", "1.1.0")}));
  refusesOffer(ErrorCode::MetadataExpired);
  clock_.setWall(parseTime("2026-11-24T08:00:00.000Z").value());
  EXPECT_TRUE(offer());  // nothing of it stays
}

TEST_F(NodeTrustTest, Case25BelievesASignedTimeThatIsADayAheadAndNoMore) {
  pin();
  ReleaseIndex fresh = index(11, {indexed("asr", "1.1.0")});
  fresh.issued = parseTime("2026-11-26T00:00:00.000Z").value();
  hub_.put(fresh);
  use();
  ReleaseIndex frozen = index(12, {indexed("asr", "1.1.0")});
  frozen.expires = parseTime("2026-11-25T12:00:00.000Z").value();  // over, by the time that was signed
  hub_.put(frozen);
  EXPECT_TRUE(offer());  // that is two days ahead of the system's
  clock_.setWall(parseTime("2026-11-25T00:00:00.000Z").value());
  EXPECT_EQ(offer().error().code(), ErrorCode::MetadataExpired);
}

TEST_F(NodeTrustTest, AsksAgainWhereTheHubChangedItsIndexBetweenTwoAnswers) {
  pin();
  bool changed = false;
  beforeAnswer = [&](const std::string& url) {
    if (changed || !url.ends_with(".json.sig")) return;
    if (url.find("/index/") == url.npos) return;
    changed = true;
    hub_.put(index(11, {indexed("asr", "1.2.0")}));
  };
  EXPECT_EQ(offer()->variant.release.version.text(), "1.2.0");
}

TEST_F(NodeTrustTest, InModeKeysTakesWhatTheHubLists) {
  restart();
  EXPECT_FALSE(trust_->status().byRoot);
  HubVariant variant{releaseNamed("asr", "1.3.0"), "/x/service.zip", sha256("zip"), 3, "", std::nullopt};
  list_.services.push_back({ServiceId::parse("asr").value(), "ASR", {variant}});
  EXPECT_EQ(offer()->variant.release.version.text(), "1.3.0");
  EXPECT_EQ(offer("asr@9.9.9").error().code(), ErrorCode::NotFound);
  EXPECT_EQ(offer("nothing").error().code(), ErrorCode::NotFound);
  EXPECT_TRUE(trust_->admit(*offer(), candidate("0.1.0", 0), false));
  list_.services[0].variants[0].release = releaseNamed("asr", "1.3.0", "windows-x64");
  const auto other = offer();  // case 51
  EXPECT_EQ(other.error().code(), ErrorCode::PlatformUnsupported);
  EXPECT_THAT(other.error().hint(), HasSubstr("windows-x64"));
}

TEST_F(NodeTrustTest, TakesNoArtifactSignatureForWhatWasInstalledByManifest) {
  restart();
  const Offer offered{
      .variant = {releaseNamed("asr", "1.3.0"), "", {}, 3, "", std::nullopt}, .manifestSha256 = {}, .index = {}, .told = {}};
  EXPECT_TRUE(trust_->admit(offered, candidate("1.0.0", std::nullopt), false));
  const Release release = releaseNamed("asr", "1.0.0");
  ASSERT_TRUE(trust_->remember(ReleaseFloor{release.service, release.platform, 0, release.version}, std::nullopt));
  EXPECT_EQ(trust_->admit(offered, candidate("2.0.0", std::nullopt), true).error().code(), ErrorCode::SignatureInvalid);
  EXPECT_TRUE(trust_->admit(offered, candidate("2.0.0", 0), false));
}

TEST_F(NodeTrustTest, TrustsAndRevokesKeysWhileItRuns) {
  restart();
  const auto id = trust_->trustKey(toPem(publicKeyOf(secretKey(5))));
  ASSERT_TRUE(id) << id.error().message();
  EXPECT_EQ(*id, idOf(5));
  EXPECT_EQ(trust_->status().keys.size(), 1U);
  ASSERT_TRUE(trust_->revokeKey(*id));
  EXPECT_TRUE(trust_->status().keys.front().revoked);
  EXPECT_EQ(trust_->trustKey(toPem(publicKeyOf(secretKey(5)))).error().code(), ErrorCode::KeyRevoked);
  EXPECT_EQ(trust_->revokeKey("nonsense").error().code(), ErrorCode::Usage);
  keys_ = KeyRing::load(*files_, layout_.trustedKeys()).value();
  restart();
  EXPECT_TRUE(trust_->status().keys.front().revoked);
}

TEST_F(NodeTrustTest, LetsNobodyAddKeysBesideARoot) {
  pin();
  EXPECT_EQ(trust_->trustKey(toPem(publicKeyOf(secretKey(6)))).error().code(), ErrorCode::Usage);
  EXPECT_EQ(trust_->revokeKey(idOf(5)).error().code(), ErrorCode::Usage);
}

TEST_F(NodeTrustTest, InstallsNothingByATrustThatCannotBeRead) {
  pin();
  folder_.write("trust/root/1.json", "{}");
  restart();
  EXPECT_TRUE(trust_->status().byRoot);
  EXPECT_TRUE(trust_->status().fault);
  EXPECT_FALSE(offer());
  folder_.write("trust/root/1.json", sampleRoot().text());
  folder_.write("trust/floors.json", "not JSON");
  restart();
  EXPECT_EQ(offer().error().code(), ErrorCode::StateCorrupt);
  EXPECT_TRUE(trust_->checkNotRevoked(ServiceId::parse("asr").value(), SemVer::parse("1.0.0").value()));
}

TEST_F(NodeTrustTest, PinsOnceAndThenOnlyFollows) {
  pin();
  auto roots = FollowedRoots::open(*files_, layout_).value();
  EXPECT_FALSE(roots.take(signedBy(sampleRoot(), {1, 2})).value());
  RootDocument stranger = sampleRoot();
  takeRole(stranger, TrustRole::Release, 5);
  giveRole(stranger, TrustRole::Release, 9);
  EXPECT_EQ(roots.take(signedBy(stranger, {1, 2})).error().code(), ErrorCode::AlreadyExists);
  EXPECT_EQ(roots.take(signedBy(after(after(sampleRoot())), {1, 2})).error().code(), ErrorCode::BindingMismatch);
  EXPECT_TRUE(roots.take(signedBy(after(sampleRoot()), {1, 2})).value());
}

}  // namespace
}  // namespace tenon::host
