// Services of a node that trusts by a root: what a hub that was taken over can do to it (withhold, and nothing else), what
// expiry and a wrong clock leave alone, and that floors rise only once a release has proven healthy.
#include "host/lifecycle/preview/PlanPreview.h"
#include "tests/host/lifecycle/LifeTest.h"
#include "tests/host/trust/TrustHub.h"

namespace tenon::host {
namespace {

using State = Change::State;

class RootMode : public LifeTest {
 protected:
  RootMode() {
    root_ = sampleRoot();
    takeRole(root_, TrustRole::Release, 5);
    const PublicKeyBytes author = world_.shop.publicKey();
    root_.keys.emplace(keyId(author), author);
    root_.role(TrustRole::Release).keys.insert(keyId(author));
    auto roots = FollowedRoots::open(files_, PackageLayout(folder_.path()));
    EXPECT_TRUE(roots && roots->take(signedBy(root_, {1, 2})));
    trustHub_.put(root_, {1, 2});
    world_.hub.before = [this](const HttpRequestOptions& request) { return trustHub_.answer(request.url); };
    restartAgent();
  }

  // What an index says of a package, whoever signed it.
  static IndexedRelease listed(const PackedRelease& packed) {
    return {.service = packed.release.service,
            .version = packed.release.version,
            .channel = "stable",
            .sizeBytes = packed.zip.size(),
            .sha256 = sha256(packed.zip),
            .manifestSha256 = sha256(packed.manifest)};
  }
  // On the hub, and in its next index.
  void offer(const std::string& version, bool warm = false) {
    const PackedRelease& packed = world_.shop.release(version, warm);
    world_.hub.publish(packed);
    index_.releases.push_back(listed(packed));
    std::sort(index_.releases.begin(), index_.releases.end(),
              [](const auto& a, const auto& b) { return a.version.text() < b.version.text(); });
    refreshIndex();
  }
  void refreshIndex() {
    ++index_.sequence;
    trustHub_.put(index_);
  }
  void serves(const std::string& version) {
    offer(version);
    expectEnd(agent().install("asr@" + version), State::Done);
    EXPECT_EQ(agent().serving(), version + " ready");
  }
  // The next root revokes these, and the agent has asked its hub since.
  void learnsOf(const std::set<std::pair<std::string, std::string>>& revoked) {
    RootDocument next = after(root_);
    next.revokedReleases = revoked;
    trustHub_.put(next, {2, 3});
    static_cast<void>(agent().with().trust.offer(agent().with().hub.hub, ReleaseSpec::parse("asr").value()));
  }
  std::map<std::string, std::string> trust() { return filesUnder(files_, folder_ / "trust"); }
  // Whatever the hub does: the error is named, nothing on the disk changes, and what runs runs on.
  void refuses(ErrorCode code, const std::function<Result<Change>()>& attempt) {
    const auto before = releasesUnder(files_, folder_ / "services");
    const auto trusted = trust();
    const auto starts = world_.machine.starts();
    const std::string served = agent().serving();
    expectEnd(attempt(), State::Failed, code);
    EXPECT_EQ(releasesUnder(files_, folder_ / "services"), before);
    EXPECT_EQ(trust(), trusted);
    EXPECT_EQ(world_.machine.starts(), starts);
    EXPECT_EQ(agent().serving(), served);
    EXPECT_EQ(disk().leftover(), "");
  }

  RootDocument root_;
  ReleaseIndex index_ = sampleIndex(1);
  TrustHub trustHub_;
};

TEST_F(RootMode, InstallsAndUpgradesByTheIndex) {
  serves("1.1.0");
  offer("1.2.0");
  expectEnd(agent().upgrade(), State::Done);
  EXPECT_EQ(agent().serving(), "1.2.0 ready");
  const auto floors = agent().with().trust.status().floors;
  EXPECT_EQ(floors.releases.front().version.text(), "1.2.0");
  EXPECT_EQ(floors.indexes.front().sequence, index_.sequence);
}

TEST_F(RootMode, ListOfTheOriginCountsForNothing) {
  publish("9.9.9");  // in /api/services alone
  refuses(ErrorCode::NotFound, [&] { return agent().install("asr"); });
}

TEST_F(RootMode, RaisesNoFloorBeforeTheReleaseHasProvenHealthy) {
  serves("1.1.0");
  const auto before = trust();
  offer("1.2.0");
  world_.machine.teach("1.2.0", Conduct::NeverAnswers);
  expectEnd(agent().upgrade(), State::RolledBack, ErrorCode::HealthTimeout);
  EXPECT_EQ(trust(), before);
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
}

TEST_F(RootMode, RaisesTheIndexAsWellWhereAReleaseIsActivatedLater) {
  serves("1.1.0");
  offer("1.2.0");
  expectEnd(agent().install("asr@1.2.0", {.activate = false}), State::Done);
  EXPECT_LT(agent().with().trust.status().floors.indexes.front().sequence, index_.sequence);
  expectEnd(agent().activate("asr@1.2.0"), State::Done);
  EXPECT_EQ(agent().with().trust.status().floors.indexes.front().sequence, index_.sequence);
  EXPECT_FALSE(files_.exists(disk().store.layout().index(disk().current.read().value()->release)));
}

TEST_F(RootMode, RaisesTheIndexAsWellWhereTheServiceIsStartedLater) {
  serves("1.1.0");
  expectEnd(agent().stopService(), State::Done);
  offer("1.2.0");
  expectEnd(agent().install("asr@1.2.0"), State::Done);
  EXPECT_LT(agent().with().trust.status().floors.indexes.front().sequence, index_.sequence);
  killAgent();
  restartAgent();
  expectEnd(agent().startService(), State::Done);
  EXPECT_EQ(agent().with().trust.status().floors.indexes.front().sequence, index_.sequence);
  EXPECT_EQ(agent().with().trust.status().floors.releases.front().version.text(), "1.2.0");
}

TEST_F(RootMode, RaisesTheIndexAsWellWhereTheAgentDiedBetweenCommitAndMemory) {
  serves("1.1.0");
  const auto before = files_.readAll(folder_ / "trust/floors.json", 1 << 20).value();
  offer("1.2.0");
  expectEnd(agent().upgrade(), State::Done);
  const auto current = disk().current.read().value()->release;
  const auto after = agent().with().trust.status().floors.indexes.front();
  killAgent();
  // What that moment leaves: committed and good, its journal and the note of its index there, the floors as they were.
  folder_.write("trust/floors.json", before);
  ASSERT_TRUE(disk().store.write(current, after));
  ASSERT_TRUE(disk().store.write(JournalRecord{.change = 9, .operation = "install", .to = current}));
  restartAgent();
  EXPECT_EQ(agent().with().trust.status().floors.indexes.front().sequence, index_.sequence);
  EXPECT_EQ(agent().with().trust.status().floors.releases.front().version.text(), "1.2.0");
}

TEST_F(RootMode, Case03And05RefusesWhatARootKeyOrAStrangerSigned) {
  serves("1.1.0");
  ReleaseShop stranger;
  const PackedRelease packed = stranger.release("1.2.0");
  world_.hub.publish(packed);
  index_.releases.push_back(listed(packed));
  refreshIndex();
  refuses(ErrorCode::KeyUnknown, [&] { return agent().upgrade(); });
}

TEST_F(RootMode, Case17ExpiredIndexRefusesInstallsAndTouchesNoRunningService) {
  serves("1.1.0");
  offer("1.2.0");
  world_.clock.advance(std::chrono::hours{24 * 30});
  refuses(ErrorCode::MetadataExpired, [&] { return agent().upgrade(); });
  refuses(ErrorCode::MetadataExpired, [&] { return agent().install("asr@1.2.0"); });
  expectEnd(agent().restartService(), State::Done);
  killAgent();
  restartAgent();
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
}

TEST_F(RootMode, Case18HubThatServesOtherBytesThanItLists) {
  serves("1.1.0");
  offer("1.2.0");
  world_.hub.sendInstead("1.2.0", world_.shop.release("1.1.0").zip);
  // Told by its length already, before a byte of it is taken.
  refuses(ErrorCode::NetworkProtocol, [&] { return agent().upgrade(); });
}

TEST_F(RootMode, Case18IndexThatNamesAnotherManifestThanTheZipHas) {
  serves("1.1.0");
  offer("1.2.0");
  index_.releases.back().manifestSha256 = sha256("another");
  refreshIndex();
  refuses(ErrorCode::BindingMismatch, [&] { return agent().upgrade(); });
}

TEST_F(RootMode, Case19SignedPackageUnderAnotherVersion) {
  serves("1.1.0");
  offer("1.2.0");
  PackedRelease renamed = world_.shop.release("1.2.0");
  renamed.release = Release{asr(), SemVer::parse("1.3.0").value(), PlatformId::parse("linux-x64").value()};
  world_.hub.publish(renamed);
  index_.releases.push_back(index_.releases.back());
  index_.releases.back().version = renamed.release.version;
  refreshIndex();
  refuses(ErrorCode::BindingMismatch, [&] { return agent().install("asr@1.3.0"); });
}

TEST_F(RootMode, Case20FloorSurvivesRemoveAndPurge) {
  offer("1.0.0");
  serves("1.1.0");
  expectEnd(agent().remove(true), State::Done);
  refuses(ErrorCode::DowngradeRefused, [&] { return agent().install("asr@1.0.0"); });
  expectEnd(agent().install("asr@1.0.0", {.allowDowngrade = true}), State::Done);
  EXPECT_EQ(agent().with().trust.status().floors.releases.front().version.text(), "1.1.0");
}

TEST_F(RootMode, Case20RollbackToARetainedReleaseIsExempt) {
  serves("1.1.0");
  serves("1.2.0");
  expectEnd(agent().rollback(), State::Done);
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
  expectEnd(agent().activate("asr@1.2.0"), State::Done);
}

TEST_F(RootMode, Case22RevokedReleaseRunsOnButIsNotInstalledOrGoneBackTo) {
  serves("1.1.0");
  serves("1.2.0");
  learnsOf({{"asr", "1.1.0"}, {"asr", "1.2.0"}});
  EXPECT_EQ(agent().serving(), "1.2.0 ready");
  refuses(ErrorCode::ReleaseRevoked, [&] { return agent().rollback(); });
  refuses(ErrorCode::ReleaseRevoked, [&] { return agent().activate("asr@1.1.0"); });
  refuses(ErrorCode::ReleaseRevoked, [&] { return agent().install("asr@1.1.0", {.allowDowngrade = true}); });
  killAgent();
  restartAgent();
  EXPECT_EQ(agent().serving(), "1.2.0 ready");
}

TEST_F(RootMode, Case57PassesOverARevokedRelease) {
  serves("1.1.0");
  serves("1.2.0");
  learnsOf({{"asr", "1.2.0"}});
  killAgent();
  folder_.write("services/asr/current.json", "{");
  restartAgent();
  EXPECT_EQ(disk().currentText(), "1.1.0 good");
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
}

TEST_F(RootMode, WhileTheRootsCannotBeReadNothingComesBackThatMayHaveBeenRevoked) {
  serves("1.1.0");
  serves("1.2.0");
  killAgent();
  folder_.write("trust/root/1.json", "{");
  restartAgent();
  EXPECT_EQ(agent().serving(), "1.2.0 ready");
  refuses(ErrorCode::FormatInvalid, [&] { return agent().rollback(); });
  refuses(ErrorCode::FormatInvalid, [&] { return agent().activate("asr@1.1.0"); });
}

TEST_F(RootMode, Case22YankedReleaseIsNotInstalled) {
  serves("1.1.0");
  offer("1.2.0");
  index_.releases.back().yanked = true;
  refreshIndex();
  refuses(ErrorCode::ReleaseRevoked, [&] { return agent().install("asr@1.2.0"); });
  expectEnd(agent().upgrade(), State::Done);  // to nothing newer
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
}

TEST_F(RootMode, Case25WrongClockLocksOutNothingThatRuns) {
  serves("1.1.0");
  for (const std::string wrong : {"1970-01-01T00:00:00.000Z", "2076-11-24T00:00:00.000Z"}) {
    world_.clock.setWall(parseTime(wrong).value());
    killAgent();
    restartAgent();
    EXPECT_EQ(agent().serving(), "1.1.0 ready") << wrong;
    expectEnd(agent().restartService(), State::Done);
    expectEnd(agent().stopService(), State::Done);
    expectEnd(agent().startService(), State::Done);
  }
}

TEST_F(RootMode, HubThatWasTakenOverCanWithholdAndNothingElse) {
  offer("1.0.0");
  serves("1.1.0");
  const SignedText older = trustHub_.indexes["linux-x64"];
  serves("1.2.0");
  const auto swapped = [&](const ReleaseIndex& index, std::initializer_list<int> keys) { trustHub_.put(index, keys); };
  ReleaseIndex next = index_;
  ++next.sequence;
  // Without the index key: an index of its own, an old one, one of two, none at all.
  swapped(next, {9});
  refuses(ErrorCode::KeyUnknown, [&] { return agent().upgrade(); });
  trustHub_.indexes["linux-x64"] = older;
  refuses(ErrorCode::MetadataRollback, [&] { return agent().upgrade(); });
  trustHub_.indexes.clear();
  refuses(ErrorCode::NotFound, [&] { return agent().upgrade(); });
  // With the index key: it can list whatever it likes, but signs no package and no root.
  ReleaseShop stranger;
  const PackedRelease evil = stranger.release("1.3.0");
  world_.hub.publish(evil);
  next.releases.push_back(listed(evil));
  swapped(next, {4});
  refuses(ErrorCode::KeyUnknown, [&] { return agent().upgrade(); });
  refuses(ErrorCode::DowngradeRefused, [&] { return agent().install("asr@1.0.0"); });
  RootDocument taken = after(root_);
  giveRole(taken, TrustRole::Release, 4);
  trustHub_.put(taken, {4});
  refuses(ErrorCode::KeyRole, [&] { return agent().upgrade(); });
  // What it can: say that there is nothing new.
  trustHub_.roots.erase(2);
  ++index_.sequence;
  swapped(index_, {4});
  expectEnd(agent().upgrade(), State::Done);
  EXPECT_EQ(agent().serving(), "1.2.0 ready");
}

TEST_F(RootMode, PlanTellsByWhoseWordAndWhatWouldBeRefused) {
  offer("1.0.0");
  serves("1.1.0");
  const auto upgrade = previewInstall(agent().with(), ReleaseSpec::parse("asr").value());
  ASSERT_TRUE(upgrade) << upgrade.error().message();
  EXPECT_THAT(upgrade->trust, testing::HasSubstr("root 1, index"));
  EXPECT_TRUE(upgrade->problems.empty());
  const auto older = previewInstall(agent().with(), ReleaseSpec::parse("asr@1.0.0").value());
  ASSERT_TRUE(older);
  ASSERT_EQ(older->problems.size(), 1U);
  EXPECT_EQ(older->problems.front().code(), ErrorCode::DowngradeRefused) << older->problems.front().message();
}

}  // namespace
}  // namespace tenon::host
