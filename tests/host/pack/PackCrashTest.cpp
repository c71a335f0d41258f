// Cases 53 and 54 of the fault list for what authors and operators make: whole, or not there; and once it was said to be
// made, there.
#include <gtest/gtest.h>

#include "host/pack/KeyPair.h"
#include "host/pack/RootCeremony.h"
#include "host/pack/Signer.h"
#include "host/pack/zip/ZipWriter.h"
#include "host/store/TrustStore.h"
#include "tests/host/store/CrashSweep.h"
#include "tests/host/trust/Roots.h"

namespace tenon::host {
namespace {

PublicKeyBytes open(int key) { return publicKeyOf(secretKey(key)); }

RootChange beginning() {
  RootChange change;
  change.roles[TrustRole::Root] = {.add = {open(1), open(2)}, .remove = {}, .threshold = 1};
  change.roles[TrustRole::Index] = {.add = {open(4)}, .remove = {}, .threshold = {}};
  change.roles[TrustRole::Release] = {.add = {open(5)}, .remove = {}, .threshold = {}};
  return change;
}

RootChange oneMore() {
  RootChange change;
  change.roles[TrustRole::Release] = {.add = {open(6)}, .remove = {}, .threshold = {}};
  return change;
}

// Complete: one signature is enough for it.
void firstRoot(Files& files, const Path& folder) {
  ASSERT_TRUE(RootCeremony(files, folder).create(beginning()));
  ASSERT_TRUE(RootCeremony::sign(files, folder / "1.json", secretKey(1)));
}

TEST(PackCrash, Case53And54AFirstRootIsWholeOrNotThere) {
  CrashSweep sweep;
  sweep.prepare = [](Files&, const Path&) {};
  sweep.act = [](Files& files, const Path& folder) -> Result<void> {
    TENON_CHECK(RootCeremony(files, folder / "root").create(beginning()));
    return {};
  };
  sweep.check = [](Files& files, const Path& folder, bool done) {
    const auto state = RootCeremony(files, folder / "root").state();
    ASSERT_EQ(state.has_value(), files.exists(folder / "root/1.json")) << state.error().message();
    EXPECT_TRUE(state || !done);
  };
  EXPECT_GT(sweep.run(), 3U);
}

TEST(PackCrash, Case53And54ARotationLeavesTheOldRootOrTheNew) {
  CrashSweep sweep;
  sweep.prepare = firstRoot;
  sweep.act = [](Files& files, const Path& folder) -> Result<void> {
    TENON_CHECK(RootCeremony(files, folder).rotate(oneMore()));
    return {};
  };
  sweep.check = [](Files& files, const Path& folder, bool done) {
    const auto state = RootCeremony(files, folder).state();
    ASSERT_TRUE(state) << state.error().message();
    EXPECT_TRUE(state->root.version == 2 || (!done && state->root.version == 1));
  };
  EXPECT_GT(sweep.run(), 3U);
}

TEST(PackCrash, Case53And54ASignatureMoreLosesNoneThatWasThere) {
  CrashSweep sweep;
  sweep.prepare = firstRoot;
  sweep.act = [](Files& files, const Path& folder) -> Result<void> {
    TENON_CHECK(RootCeremony::sign(files, folder / "1.json", secretKey(2)));
    return {};
  };
  sweep.check = [](Files& files, const Path& folder, bool done) {
    const auto root = readSigned(files, folder / "1.json", limits::kRootBytes);
    ASSERT_TRUE(root) << root.error().message();
    EXPECT_NE(root->signatures.find(idOf(1)), std::string::npos);
    EXPECT_TRUE(!done || root->signatures.find(idOf(2)) != std::string::npos);
  };
  EXPECT_GT(sweep.run(), 3U);
}

TEST(PackCrash, Case53And54AKeyThatWasMadeIsThere) {
  std::string id;
  CrashSweep sweep;
  sweep.prepare = [](Files&, const Path&) {};
  sweep.act = [&](Files& files, const Path& folder) {
    return makeKeyPair(files, folder / "keys" / "release").map([&](const KeyPair& made) { id = made.id; });
  };
  sweep.check = [&](Files& files, const Path& folder, bool done) {
    const auto secret = files.readAll(folder / "keys/release.key", limits::KiB);
    const auto open = files.readAll(folder / "keys/release.pub", limits::KiB);
    EXPECT_TRUE((secret && open) || !done);
    if (secret) {
      const auto key = secretKeyFromPem(*secret);
      ASSERT_TRUE(key) << key.error().message();
      EXPECT_TRUE(!done || keyId(publicKeyOf(*key)) == id);
    }
    if (open) {
      EXPECT_TRUE(secret && publicKeyFromText(*open) == publicKeyOf(secretKeyFromPem(*secret).value()))
          << "a public key that nobody can sign for";
    }
  };
  EXPECT_GT(sweep.run(), 6U);
}

// ---- a package ----

Result<void> writeZip(Files& files, const Path& file, const std::string& content) {
  TENON_TRY(auto zip, ZipWriter::create(files, file));
  ZipHeader header;
  header.name = "a";
  header.size = content.size();                               // stored
  header.crc32 = static_cast<std::uint32_t>(content.size());  // nobody looks
  TENON_CHECK(zip.begin(header));
  TENON_CHECK(zip.append(content));
  TENON_CHECK(zip.end());
  return zip.finish().map([](std::uint64_t) {});
}

ArtifactSignature signatureOf(const std::string& content) {
  const Release release{ServiceId::parse("asr").value(), SemVer::parse("1.0.0").value(),
                        PlatformId::parse("linux-x64").value()};
  return signArtifact(secretKey(5), release, sha256(content));
}

Result<void> put(Files& files, const Path& folder, const std::string& content) {
  TENON_CHECK(writeZip(files, folder / "new.tmp", content));
  return putPackage(files, folder / "new.tmp", folder / "asr.zip", signatureOf(content));
}

TEST(PackCrash, Case53And54ThePackageIsTheOldOrTheNewAndNeverBearsTheOthersSignature) {
  const std::string before(300, 'o'), after(200'000, 'n');
  CrashSweep sweep;
  sweep.prepare = [&](Files& files, const Path& folder) { ASSERT_TRUE(put(files, folder, before)); };
  sweep.act = [&](Files& files, const Path& folder) { return put(files, folder, after); };
  sweep.check = [&](Files& files, const Path& folder, bool done) {
    const auto zip = files.readAll(folder / "asr.zip", limits::MiB);
    ASSERT_TRUE(zip) << zip.error().message();
    const bool isNew = zip->find(after) != std::string::npos;
    EXPECT_TRUE(isNew || (!done && zip->find(before) != std::string::npos)) << zip->size();
    const auto signature = files.readAll(artifactSignatureFile(folder / "asr.zip"), limits::MiB);
    EXPECT_TRUE(signature || !done);
    if (signature) {
      EXPECT_EQ(*signature, signatureOf(isNew ? after : before).toJson().pretty());
    }
  };
  sweep.variants = 40;  // two names change between two syncs
  EXPECT_GT(sweep.run(), 8U);
}

// `tenon sign` replaces a file that may be the only one its owner has.
TEST(PackCrash, ACallThatFailsLeavesTheOldPackageWithItsSignatureOrTheNewOneWithIts) {
  const std::string before(300, 'o'), after(3'000, 'n');
  MachineFiles machine;
  for (std::uint64_t n = 1;; ++n) {
    TempFolder folder;
    ASSERT_TRUE(put(*machine, folder.path(), before));
    FakeFiles disk(*machine, folder.path());
    disk.failAt(n, ErrorCode::DiskFull);
    const auto done = put(disk, folder.path(), after);
    if (disk.calls() < n) break;
    const std::string zip = folder.read("asr.zip");
    const bool isNew = zip.find(after) != std::string::npos;
    EXPECT_TRUE(isNew || (!done && zip.find(before) != std::string::npos)) << zip.size() << " bytes, call " << n;
    EXPECT_EQ(folder.read("asr.zip.sig.json"), signatureOf(isNew ? after : before).toJson().pretty()) << "call " << n;
  }
}

TEST(PackCrash, WhatGoesBackIsOnTheDiskAndNeverBearsTheOthersSignature) {
  const std::string before(300, 'o'), after(3'000, 'n');
  MachineFiles machine;
  for (std::uint64_t n = 1;; ++n) {
    TempFolder folder;
    ASSERT_TRUE(put(*machine, folder.path(), before));
    FakeFiles disk(*machine, folder.path());
    disk.failAt(n, ErrorCode::IoError);
    static_cast<void>(put(disk, folder.path(), after));
    if (disk.calls() < n) break;
    const bool wentBack = folder.read("asr.zip").find(before) != std::string::npos;
    for (std::uint64_t variant = 0; variant < 40; ++variant) {
      TempFolder left;
      disk.powerCut(left.path(), variant);
      const std::string zip = left.read("asr.zip");
      const bool isNew = zip.find(after) != std::string::npos;
      EXPECT_TRUE(isNew || zip.find(before) != std::string::npos) << zip.size() << " bytes, call " << n;
      EXPECT_FALSE(wentBack && isNew) << "call " << n;
      EXPECT_TRUE(!wentBack || left.exists("asr.zip.sig.json")) << "call " << n;
      if (!left.exists("asr.zip.sig.json")) continue;
      EXPECT_EQ(left.read("asr.zip.sig.json"), signatureOf(isNew ? after : before).toJson().pretty()) << "call " << n;
    }
  }
}

// A call fails, and then the power while it goes back: `hasOld`, a package was there, else only a signature that lost its
// own.
void cutWhileGoingBack(bool hasOld) {
  const std::string before(300, 'o'), after(3'000, 'n');
  MachineFiles machine;
  UnsyncedFiles files(*machine);
  bool reached = true;
  for (std::uint64_t n = 1; reached; ++n) {
    bool stopped = true;
    for (std::uint64_t m = n + 1; reached && stopped; ++m) {
      TempFolder folder;
      ASSERT_TRUE(put(files, folder.path(), before));
      if (!hasOld) {
        ASSERT_TRUE(files.removeFile(folder / "asr.zip"));
      }
      FakeFiles disk(files, folder.path());
      disk.failAt(n, ErrorCode::IoError);
      disk.stopBefore(m);
      static_cast<void>(put(disk, folder.path(), after));
      stopped = disk.stopped();
      reached = disk.calls() >= n;
      for (std::uint64_t variant = 0; variant < 16; ++variant) {
        TempFolder left;
        disk.powerCut(left.path(), variant);
        EXPECT_TRUE(left.exists("asr.zip") || !hasOld) << "call " << n << ", cut before " << m;
        if (!left.exists("asr.zip") || !left.exists("asr.zip.sig.json")) continue;
        const bool isNew = left.read("asr.zip").find(after) != std::string::npos;
        EXPECT_EQ(left.read("asr.zip.sig.json"), signatureOf(isNew ? after : before).toJson().pretty())
            << "call " << n << ", cut before " << m << ", variant " << variant;
      }
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(PackCrash, APowerCutOnTheWayBackLeavesNoSignatureBesideTheOtherPackage) { cutWhileGoingBack(true); }
TEST(PackCrash, APowerCutOnTheWayBackFromAFirstPackageLeavesItWithoutAnotherSignature) { cutWhileGoingBack(false); }

}  // namespace
}  // namespace tenon::host
