// Cases 53 and 54 of the fault list for what a hub keeps: at every call, whole or not there.
#include "host/hub/HubStore.h"
#include "host/hub/HubToken.h"
#include "host/hub/HubTrust.h"
#include "tests/host/package/PackageMaker.h"
#include "tests/host/store/CrashSweep.h"
#include "tests/host/trust/Roots.h"
#include "tests/support/FakeClock.h"

namespace tenon::host {
namespace {

HubRelease released() {
  return {.release = releaseNamed("asr", "1.0.0"),
          .name = "ASR",
          .sha256 = sha256("zip"),
          .sizeBytes = 3,
          .signature = {},
          .channel = "stable",
          .publishedAt = "2026-11-24T07:45:00.123Z",
          .manifestSha256 = sha256("manifest")};
}

Result<void> publish(Files& files, const Path& data) {
  TENON_TRY(auto store, HubStore::open(files, data));
  TENON_TRY(auto upload, store.beginUpload());
  {
    TENON_TRY(auto zip, WriteFile::create(files, 0, upload.zip().text()));
    TENON_CHECK(zip.append("zip"));
    TENON_CHECK(zip.sync());
  }
  return store.publish(std::move(upload), released(), {"manifest", "signature", "{}"});
}

TEST(HubCrash, Case53And54APublishedReleaseIsWholeOrNotThere) {
  CrashSweep sweep;
  sweep.prepare = [](Files&, const Path&) {};
  sweep.act = publish;
  sweep.check = [](Files& files, const Path& data, bool done) {
    NullLog log;
    auto store = HubStore::open(files, data);
    ASSERT_TRUE(store) << store.error().message();
    const auto all = store->scan(log);
    ASSERT_TRUE(all) << all.error().message();
    EXPECT_TRUE(!done || all->size() == 1);
    const Path folder = store->folder(released().release);
    if (!files.exists(folder)) return;
    EXPECT_EQ(all->size(), 1U) << "it is there, and not whole";
    for (const auto& [name, text] : std::map<std::string, std::string>{
             {"service.zip", "zip"}, {"MANIFEST", "manifest"}, {"MANIFEST.sig", "signature"}, {"service.json", "{}"}}) {
      EXPECT_EQ(files.readAll(folder / name, limits::KiB).value_or("(missing)"), text) << name;
    }
  };
  EXPECT_GT(sweep.run(), 15U);
}

TEST(HubCrash, Case53And54WhatIsSaidOfAReleaseAnewIsTheOldOrTheNew) {
  auto yanked = released();
  yanked.yanked = true;
  CrashSweep sweep;
  sweep.prepare = [](Files& files, const Path& data) { ASSERT_TRUE(publish(files, data)); };
  sweep.act = [&](Files& files, const Path& data) -> Result<void> {
    TENON_TRY(auto store, HubStore::open(files, data));
    return store.rewrite(yanked);
  };
  sweep.check = [&](Files& files, const Path& data, bool done) {
    auto store = HubStore::open(files, data);
    ASSERT_TRUE(store) << store.error().message();
    const auto now = store->read(released().release);
    ASSERT_TRUE(now) << now.error().message();
    EXPECT_TRUE(now->yanked || !done);
  };
  EXPECT_GT(sweep.run(), 3U);
}

TEST(HubCrash, Case53And54ATokenThatWasMadeStays) {
  Digest made;
  CrashSweep sweep;
  sweep.prepare = [](Files&, const Path&) {};
  sweep.act = [&](Files& files, const Path& data) -> Result<void> {
    TENON_TRY(const auto token, HubToken::open(files, data / "token"));
    TENON_TRY(const auto text, files.readAll(token.file(), limits::KiB));
    made = sha256(text);
    return {};
  };
  sweep.check = [&](Files& files, const Path& data, bool done) {
    const auto text = files.readAll(data / "token", limits::KiB);
    EXPECT_TRUE(text || !done);
    if (done && text) {
      EXPECT_EQ(sha256(*text), made) << "who was given it may not publish any more";
    }
    EXPECT_TRUE(HubToken::open(files, data / "token"));
  };
  EXPECT_GT(sweep.run(), 4U);
}

// What was once handed out under a number must never be signed anew with other content.
TEST(HubCrash, Case53And54AnIndexThatWasHandedOutIsStillThere) {
  NullLog log;
  FakeClock clock;
  const HubCatalog catalog({released()});
  const auto open = [&](Files& files, const Path& data) {
    return HubTrust::open({files, clock, log, catalog}, data, {.keys = {secretKey(4)}});
  };
  const PlatformId platform = PlatformId::parse("linux-x64").value();
  std::string handedOut;
  CrashSweep sweep;
  sweep.prepare = [&](Files& files, const Path& data) {
    auto trust = open(files, data);
    ASSERT_TRUE(trust) << trust.error().message();
    ASSERT_TRUE((*trust)->take(signedBy(sampleRoot(), {1, 2})));
  };
  sweep.act = [&](Files& files, const Path& data) -> Result<void> {
    TENON_TRY(const auto trust, open(files, data));
    TENON_TRY(const auto index, trust->index(platform));
    handedOut = index->text;
    return {};
  };
  sweep.check = [&](Files& files, const Path& data, bool done) {
    if (done) {
      EXPECT_EQ(files.readAll(data / "index/linux-x64.json", limits::MiB).value_or("(missing)"), handedOut);
    }
    const auto trust = open(files, data);
    ASSERT_TRUE(trust) << trust.error().message();
    const auto again = (*trust)->index(platform);
    EXPECT_TRUE(again) << again.error().message();
  };
  EXPECT_GT(sweep.run(), 6U);
}

}  // namespace
}  // namespace tenon::host
