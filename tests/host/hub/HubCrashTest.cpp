// Cases 53 and 54 of the fault list for what a hub keeps: at every call, whole or not there.
#include "host/hub/BundleMaker.h"
#include "host/hub/HubStore.h"
#include "host/hub/HubToken.h"
#include "host/hub/HubTrust.h"
#include "tests/host/hub/HubFixture.h"
#include "tests/host/store/CrashSweep.h"
#include "tests/host/trust/Roots.h"

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

Result<void> place(Files& files, const Path& data) {
  TENON_TRY(auto store, HubStore::open(files, data));
  TENON_TRY(auto upload, store.beginUpload());
  {
    TENON_TRY(auto zip, WriteFile::create(files, 0, upload.zip().text()));
    TENON_CHECK(zip.append("zip"));
    TENON_CHECK(zip.sync());
  }
  return store.publish(std::move(upload), released(), {"manifest", "signature", "{}"});
}

class HubCrash : public HubFixture {
 protected:
  // What a publisher's request does to a hub on this disk.
  Result<void> upload(Files& files, const Path& data, const std::string& zip) {
    TENON_TRY(const auto hub, hubOn(files, data));
    TENON_TRY(const auto answer, upload(*hub, files, zip));
    if (answer.status != 201) return Error(ErrorCode::Internal, answer.body);
    return {};
  }
  std::vector<int> uploadTwice(Files& files, const Path& data, const std::string& zip) {
    const auto hub = hubOn(files, data).value();
    const int once = upload(*hub, files, zip).value().status;
    return {once, upload(*hub, files, zip).value().status};
  }
  Result<std::unique_ptr<HubServer>> hubOn(Files& files, const Path& data) {
    TENON_TRY(auto hub, HubServer::open({.data = data, .listen = "127.0.0.1:0", .tokenFile = {}, .indexKeys = {}},
                                        {files, pool_, clock_, log_, nullptr}));
    hub->start();
    return hub;
  }
  Result<HttpResponse> upload(HubServer& hub, Files& files, const std::string& zip) {
    TENON_TRY(std::string token, files.readAll(hub.tokenFile(), limits::KiB));
    token.erase(token.find('\n'));
    HttpRequestOptions request{.method = "POST", .url = "http://" + hub.address() + "/v1/uploads", .body = zip};
    request.headers = {{"Authorization", "Bearer " + token}};
    return client_.fetch(request, limits::MiB);
  }

  Result<void> takeAway(Files& files, const Path& bundle) {
    TENON_TRY(auto hub, HubClient::create(client_, "http://" + hub_->address(), [](Millis) {}));
    Downloader downloader(files, client_, clock_, [](Millis) {});
    TENON_TRY(auto wanted, ReleaseSpec::parse("asr@1.3.0"));
    const BundleRequest request{
        .wanted = std::move(wanted), .platform = "linux-x64", .folder = bundle.parent(), .output = bundle};
    return BundleMaker(files, hub, downloader).make(request).map([](const MadeBundle&) {});
  }
};

TEST_F(HubCrash, Case53And54APublishedReleaseIsWholeOrNotThere) {
  const std::string zip = PackageMaker().zip().bytes();
  CrashSweep sweep;
  sweep.prepare = [](Files&, const Path&) {};
  sweep.act = [&](Files& files, const Path& data) { return upload(files, data, zip); };
  sweep.check = [&](Files& files, const Path& data, bool done) {
    auto store = HubStore::open(files, data);
    ASSERT_TRUE(store) << store.error().message();
    const auto all = store->scan(log_);
    ASSERT_TRUE(all) << all.error().message();
    EXPECT_TRUE(!done || all->size() == 1);
    const Path folder = store->folder(PackageMaker().release);
    if (!files.exists(folder)) return;
    ASSERT_EQ(all->size(), 1U) << "it is there, and not whole";
    EXPECT_TRUE(files.readAll(folder / "service.zip", limits::MiB).value_or("(missing)") == zip);
    const auto manifest = files.readAll(folder / "MANIFEST", limits::MiB);
    EXPECT_EQ(sha256(manifest.value_or("(missing)")), all->front().manifestSha256);
    EXPECT_TRUE(files.readAll(folder / "service.json", limits::MiB).value_or("").starts_with("{"));
  };
  EXPECT_GT(sweep.run(), 15U);
}

// The publisher was told io-error, and tries again: the release is in its place already, and yet not for good.
TEST_F(HubCrash, AReleaseWhoseLastSyncsFailedIsThereOnceItsPublisherWasToldYes) {
  const std::string zip = PackageMaker().zip().bytes();
  TempFolder first;
  FakeFiles whole(*files_, first.path());
  ASSERT_TRUE(upload(whole, first.path(), zip));
  for (std::uint64_t back = 0; back < 3; ++back) {  // services/<id>/<version>, and what it lies in
    TempFolder live;
    FakeFiles disk(*files_, live.path());
    disk.failAt(whole.calls() - back, ErrorCode::IoError);
    const auto statuses = uploadTwice(disk, live.path(), zip);
    EXPECT_EQ(statuses, (std::vector<int>{500, 200})) << back;
    for (std::uint64_t variant = 0; variant < 10; ++variant) {
      TempFolder after;
      disk.powerCut(after.path(), variant);
      auto store = HubStore::open(*files_, after.path());
      ASSERT_TRUE(store) << store.error().message();
      EXPECT_EQ(store->scan(log_)->size(), 1U) << "variant " << variant << ", " << back << " before the last";
    }
  }
}

// As when a node's disk of transport is pulled out.
TEST_F(HubCrash, Case53And54ABundleIsWholeOrNotThere) {
  ASSERT_EQ(publish(PackageMaker().zip().bytes()).status, 201);
  TempFolder other;
  ASSERT_TRUE(takeAway(*files_, other / "whole"));
  const std::string whole = files_->readAll(other / "whole", limits::MiB).value();
  CrashSweep sweep;
  sweep.prepare = [](Files&, const Path&) {};
  sweep.act = [&](Files& files, const Path& folder) { return takeAway(files, folder / "asr.bundle"); };
  sweep.check = [&](Files& files, const Path& folder, bool done) {
    const auto bundle = files.readAll(folder / "asr.bundle", limits::MiB);
    EXPECT_TRUE(bundle || !done);
    if (bundle) {
      EXPECT_TRUE(*bundle == whole) << bundle->size() << " bytes instead of " << whole.size();
    }
  };
  EXPECT_GT(sweep.run(), 6U);
}

TEST_F(HubCrash, Case53And54AFirstReleaseIsThereWithItsFoldersOrNotAtAll) {
  CrashSweep sweep;
  sweep.prepare = [](Files&, const Path&) {};
  sweep.act = [](Files& files, const Path& data) { return place(files, data); };
  sweep.check = [&](Files& files, const Path& data, bool done) {
    auto store = HubStore::open(files, data);
    ASSERT_TRUE(store) << store.error().message();
    const auto all = store->scan(log_);
    ASSERT_TRUE(all) << all.error().message();
    EXPECT_TRUE(!done || all->size() == 1);
  };
  EXPECT_GT(sweep.run(), 6U);
}

TEST_F(HubCrash, Case53And54WhatIsSaidOfAReleaseAnewIsTheOldOrTheNew) {
  auto yanked = released();
  yanked.yanked = true;
  CrashSweep sweep;
  sweep.prepare = [](Files& files, const Path& data) { ASSERT_TRUE(place(files, data)); };
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

TEST_F(HubCrash, Case53And54ATokenThatWasMadeStays) {
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
TEST_F(HubCrash, Case53And54AnIndexThatWasHandedOutIsStillThere) {
  NullLog log;
  FakeClock clock;
  const HubCatalog catalog({released()});
  const auto open = [&](Files& files, const Path& data) {
    return HubTrust::open({files, clock, log, catalog}, data, {.keys = {secretKey(4)}});
  };
  const PlatformId platform = PlatformId::parse("linux-x64").value();
  SignedText handedOut;
  CrashSweep sweep;
  sweep.prepare = [&](Files& files, const Path& data) {
    auto trust = open(files, data);
    ASSERT_TRUE(trust) << trust.error().message();
    ASSERT_TRUE((*trust)->take(signedBy(sampleRoot(), {1, 2})));
  };
  sweep.act = [&](Files& files, const Path& data) -> Result<void> {
    TENON_TRY(const auto trust, open(files, data));
    TENON_TRY(const auto index, trust->index(platform));
    handedOut = *index;
    return {};
  };
  sweep.check = [&](Files& files, const Path& data, bool done) {
    if (done) {
      EXPECT_EQ(files.readAll(data / "index/linux-x64.json", limits::MiB).value_or("(missing)"), handedOut.text);
      EXPECT_EQ(files.readAll(data / "index/linux-x64.json.sig", limits::MiB).value_or("(missing)"), handedOut.signatures);
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
