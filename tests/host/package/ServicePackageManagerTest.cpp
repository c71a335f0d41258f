#include "host/package/ServicePackageManager.h"

#include <gtest/gtest.h>

#include "tests/host/package/PackageWorld.h"
#include "tests/support/DiskOffers.h"
#include "tests/support/ForwardingFiles.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

class ServicePackageManagerTest : public testing::Test {
 protected:
  Result<StagedRelease> fetch() { return world_.fetch(*files_); }
  void refused(const Result<StagedRelease>& staged, ErrorCode code) {
    ASSERT_FALSE(staged);
    EXPECT_EQ(staged.error().code(), code) << staged.error().message();
    EXPECT_FALSE(folder_.exists("services/asr/versions/1.3.0"));
    EXPECT_FALSE(folder_.exists("services/asr/_staging"));
  }
  // Nothing of a package that was refused reaches the service's folder, not even the folder.
  void refusedEarly(const Result<StagedRelease>& staged, ErrorCode code) {
    refused(staged, code);
    EXPECT_FALSE(folder_.exists("services"));
    EXPECT_TRUE(files_->list(folder_ / "cache").value().empty());
  }
  InstalledStore store() {
    return InstalledStore(*files_, PackageLayout(folder_.path()).service(world_.maker.release.service));
  }

  TempFolder folder_;
  MachineFiles files_;
  PackageWorld world_{folder_.path()};
};

TEST_F(ServicePackageManagerTest, SaysThatNoHubIsConfigured) {
  world_.hasHub = false;
  EXPECT_EQ(fetch().error().code(), ErrorCode::Usage);
}

TEST_F(ServicePackageManagerTest, BringsAReleaseUnderVersions) {
  const auto staged = fetch();
  ASSERT_TRUE(staged) << staged.error().message();
  EXPECT_FALSE(staged->wasThere);
  EXPECT_EQ(staged->release.manifestSha256, sha256(world_.maker.manifest().text()));
  EXPECT_EQ(staged->manifest.service.text(), "asr");
  EXPECT_EQ(folder_.read("services/asr/versions/1.3.0/linux-x64/app/main.py"), world_.maker.files["app/main.py"].text);
  EXPECT_FALSE(folder_.exists("services/asr/_staging"));
  EXPECT_FALSE(folder_.exists("services/asr/current.json"));
  EXPECT_TRUE(files_->list(folder_ / "cache").value().empty());
  EXPECT_EQ(store().releases(&sha256).value().releases.at("1.3.0::linux-x64"), staged->release);
  EXPECT_EQ(
      PackageWorld::Node(world_, *files_)->manifestOf(world_.maker.release.service, staged->release).value().version.text(),
      "1.3.0");
  EXPECT_EQ(world_.steps, (std::vector<std::string>{"fetch", "verify", "unpack"}));
}

TEST_F(ServicePackageManagerTest, Case61WritesNowhereThroughAStagingThatWasMadeBeforehand) {
  TENON_NEEDS_SYMLINKS();
  ASSERT_TRUE(files_->makeFolders(folder_ / "elsewhere"));
  ASSERT_TRUE(files_->makeFolders(folder_ / "services/asr"));
  ASSERT_TRUE(files_->makeSymlink(0, (folder_ / "services/asr/_staging").text(), (folder_ / "elsewhere").text()));
  std::size_t seen = 0;
  world_.whileUnpacking = [&] {
    ++seen;
    EXPECT_TRUE(files_->list(folder_ / "elsewhere").value().empty());
    EXPECT_EQ(files_->inspect(folder_ / "services/asr/_staging").value().kind, FileKind::Folder);
  };
  ASSERT_TRUE(fetch());
  EXPECT_GT(seen, 0U);
}

TEST_F(ServicePackageManagerTest, JournalsWhatItIsAbout) {
  ASSERT_TRUE(fetch());
  const auto journal = store().journal().value();
  ASSERT_TRUE(journal);
  EXPECT_EQ(journal->change, 7U);
  EXPECT_EQ(journal->operation, "install");
  ASSERT_TRUE(journal->to);
  EXPECT_EQ(journal->to->manifestSha256, sha256(world_.maker.manifest().text()));
  EXPECT_TRUE(journal->staging.starts_with("1.3.0-linux-x64-"));
}

TEST_F(ServicePackageManagerTest, TakesAPackageFileAndLeavesItWhereItIs) {
  const auto zip = folder_.write("incoming/asr.zip", world_.zipBytes());
  const auto staged = world_.take(*files_, zip);
  ASSERT_TRUE(staged) << staged.error().message();
  EXPECT_TRUE(folder_.exists("incoming/asr.zip"));
  EXPECT_TRUE(folder_.exists("services/asr/versions/1.3.0/linux-x64/service.json"));
}

TEST_F(ServicePackageManagerTest, TakesAFileWithoutManifestByTheSignatureBesideIt) {
  world_.withManifest = false;
  world_.publish();
  const auto zip = folder_.write("incoming/asr.zip", world_.zipBytes());
  EXPECT_EQ(world_.take(*files_, zip).error().code(), ErrorCode::SignatureInvalid);
  folder_.write("incoming/asr.zip.sig.json", world_.maker.artifactSignature(world_.zipBytes()).toJson().pretty());
  const auto staged = world_.take(*files_, zip);
  ASSERT_TRUE(staged) << staged.error().message();
  EXPECT_EQ(staged->release.manifestSha256, sha256(world_.zipBytes()));
}

TEST_F(ServicePackageManagerTest, FetchesNothingWhereTheSameReleaseIsThere) {
  ASSERT_TRUE(fetch());
  world_.forgetRequests();
  const auto again = fetch();
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_TRUE(again->wasThere);
  EXPECT_EQ(world_.requested("service.zip"), 0U);
  EXPECT_EQ(world_.requested("MANIFEST"), 1U);
}

TEST_F(ServicePackageManagerTest, KnowsAReleaseWithoutManifestByTheZipsHash) {
  world_.withManifest = false;
  world_.publish();
  ASSERT_TRUE(fetch());
  EXPECT_EQ(store().releases(&sha256).value().releases.at("1.3.0::linux-x64").manifestSha256, sha256(world_.zipBytes()));
  world_.forgetRequests();
  EXPECT_TRUE(fetch().value().wasThere);
  EXPECT_EQ(world_.requested(""), 0U);
}

TEST_F(ServicePackageManagerTest, DownloadsWhereTheHubServesNoManifest) {
  ASSERT_TRUE(fetch());
  world_.servesManifest = false;
  world_.forgetRequests();
  const auto again = fetch();
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_TRUE(again->wasThere);
  EXPECT_EQ(world_.requested("service.zip"), 1U);
}

TEST_F(ServicePackageManagerTest, RefusesOtherContentUnderAnInstalledVersion) {
  ASSERT_TRUE(fetch());
  world_.maker.files["app/main.py"].text = "#!/bin/sh\nchanged\n";
  world_.publish();
  const auto again = fetch();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), ErrorCode::ContentMismatch);
  EXPECT_FALSE(again.error().hint().empty());
  EXPECT_NE(folder_.read("services/asr/versions/1.3.0/linux-x64/app/main.py"), "#!/bin/sh\nchanged\n");
}

TEST_F(ServicePackageManagerTest, SaysThatAnInstalledReleaseIsDamaged) {
  ASSERT_TRUE(fetch());
  std::filesystem::remove((folder_ / "services/asr/versions/1.3.0/linux-x64/MANIFEST").text());
  EXPECT_EQ(fetch().error().code(), ErrorCode::StateCorrupt);
}

// A line that breaks says nothing of the package: that it is unsigned would be a lie.
TEST_F(ServicePackageManagerTest, Case50PreviewsNoPackageAsUnsignedBecauseTheHubFails) {
  const auto preview = [&] {
    PackageWorld::Node node(world_, *files_);
    return node->preview(node.source, world_.variant());
  };
  world_.signatureAnswer = ScriptedAnswer{.status = 503};
  EXPECT_EQ(preview().error().code(), ErrorCode::NetworkProtocol);
  world_.signatureAnswer = ScriptedAnswer{.unreachable = Error(ErrorCode::NetworkUnreachable, "refused")};
  EXPECT_EQ(preview().error().code(), ErrorCode::NetworkUnreachable);
  world_.signatureAnswer = ScriptedAnswer{.status = 404};  // unsigned indeed
  const auto withoutOne = preview();
  ASSERT_TRUE(withoutOne && withoutOne->problem);
  EXPECT_EQ(withoutOne->problem->code(), ErrorCode::SignatureInvalid);
  world_.signatureAnswer.reset();
  const auto withOne = preview();
  ASSERT_TRUE(withOne);
  EXPECT_FALSE(withOne->problem);
}

TEST_F(ServicePackageManagerTest, AsksBeforeAByteIsUnpacked) {
  bool asked = false;
  world_.accept = [&](const VerifiedPackage& package, const ServiceManifest& manifest) -> Result<void> {
    asked = true;
    EXPECT_EQ(package.release(), world_.maker.release);
    EXPECT_EQ(manifest.version.text(), "1.3.0");
    return Error(ErrorCode::DowngradeRefused, "1.4.0 was here before");
  };
  refusedEarly(fetch(), ErrorCode::DowngradeRefused);
  EXPECT_TRUE(asked);
}

TEST_F(ServicePackageManagerTest, RefusesAPackageThatChangedOnTheHub) {
  auto bytes = world_.zipBytes();
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  world_.swap(bytes);  // the list is the old one
  refusedEarly(fetch(), ErrorCode::ContentMismatch);
}

// A hub that lists what it serves, and serves what it likes: each changed byte is refused, or is one that nobody reads (a
// time stamp in the zip's directory), and then the tree is what was signed all the same.
TEST_F(ServicePackageManagerTest, TamperedPackageIsRefused) {
  const auto original = world_.zipBytes();
  int refusals = 0;
  for (std::size_t at = 0; at < original.size(); at += original.size() / 60) {
    auto bytes = original;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    world_.serve(bytes);
    const auto staged = fetch();
    EXPECT_TRUE(files_->list(folder_ / "cache").value().empty()) << at;
    EXPECT_FALSE(folder_.exists("services/asr/_staging")) << at;
    if (staged) {
      EXPECT_EQ(staged->release.manifestSha256, sha256(world_.maker.manifest().text()));
      EXPECT_GT(at, original.size() * 9 / 10);
      ASSERT_TRUE(store().removeRelease(staged->release));
      continue;
    }
    ++refusals;
    EXPECT_EQ(exitStatus(staged.error().code()), 5) << at << ": " << staged.error().message();
    EXPECT_FALSE(folder_.exists("services/asr/versions/1.3.0")) << at;
  }
  EXPECT_GT(refusals, 50);
}

TEST_F(ServicePackageManagerTest, RefusesAnUnsignedPackageAndAStrangersKey) {
  auto zip = world_.maker.zip();
  zip.entries.erase(zip.entries.begin() + 1);
  world_.serve(zip.bytes());
  refusedEarly(fetch(), ErrorCode::SignatureInvalid);
  const PackageMaker stranger;
  world_.serve(stranger.zip().bytes());
  refusedEarly(fetch(), ErrorCode::KeyUnknown);
}

TEST_F(ServicePackageManagerTest, Case19RefusesAPackageUnderAnotherName) {
  PackageMaker other = world_.maker;
  other.release = releaseNamed("asr", "1.2.0");
  other.files["service.json"].text = serviceJson("asr", "1.2.0");
  world_.serve(other.zip().bytes());  // signed, listed as 1.3.0
  refusedEarly(fetch(), ErrorCode::BindingMismatch);
  world_.maker.files["service.json"].text = serviceJson("asr", "1.2.0");
  world_.publish();  // MANIFEST says 1.3.0, service.json 1.2.0
  refusedEarly(fetch(), ErrorCode::BindingMismatch);
}

TEST_F(ServicePackageManagerTest, RefusesAPackageForAnotherPlatform) {
  world_.maker.release = releaseNamed("asr", "1.3.0", "windows-x64");
  const auto zip = folder_.write("incoming/asr.zip", world_.maker.zip().bytes());
  EXPECT_EQ(world_.take(*files_, zip).error().code(), ErrorCode::PlatformUnsupported);
}

TEST_F(ServicePackageManagerTest, MissesWhatServiceJsonRequires) {
  for (const auto* required : {"models/other.bin", "nothing/", "app/main.py/", "app"}) {
    world_.maker.files["service.json"].text = serviceJson("asr", "1.3.0", required);
    world_.publish();
    const auto staged = fetch();
    refused(staged, ErrorCode::ContentMissing);
    EXPECT_EQ(staged.error().field(), "platforms.linux-x64.files.requires");
  }
}

// A disk of which the test says how much is free.
class SmallFiles final : public ForwardingFiles {
 public:
  SmallFiles(Files& files, std::uint64_t free) : ForwardingFiles(files), free_(free) {}
  Result<std::uint64_t> freeSpace(const Path&) override { return free_; }

 private:
  std::uint64_t free_;
};

TEST_F(ServicePackageManagerTest, FullDiskIsRefusedWithAHint) {
  SmallFiles small(*files_, limits::kDiskMarginBytes + world_.zipBytes().size());
  const auto staged = world_.fetch(small);
  refusedEarly(staged, ErrorCode::DiskFull);
  EXPECT_NE(staged.error().hint().find("free "), std::string::npos) << staged.error().hint();
  EXPECT_EQ(world_.requested("service.zip"), 0U);
}

TEST_F(ServicePackageManagerTest, KnowsTheUnpackedSizeBeforeItUnpacks) {
  world_.maker.files["models/zeros"] = {std::string(1 << 20, '\0'), ManifestFile::Kind::Plain, true};
  world_.publish();
  SmallFiles small(*files_, limits::kDiskMarginBytes + 500'000);  // room for twice the zip, not for what is in it
  refusedEarly(world_.fetch(small), ErrorCode::DiskFull);
}

TEST_F(ServicePackageManagerTest, KeepsWhatAResumeCanUse) {
  world_.cutAfter = 5;  // too little to count as getting on
  refused(fetch(), ErrorCode::NetworkProtocol);
  EXPECT_EQ(files_->list(folder_ / "cache/asr").value().size(), 2U);  // the part and its note
  EXPECT_FALSE(folder_.exists("services"));
  folder_.write("cache/asr/of-another-release.model.part", "of no use once this one is here");
  world_.cutAfter.reset();
  EXPECT_TRUE(fetch());
  EXPECT_TRUE(files_->list(folder_ / "cache").value().empty());
}

}  // namespace
}  // namespace tenon::host
