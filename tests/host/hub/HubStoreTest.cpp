#include "host/hub/HubStore.h"

#include <gtest/gtest.h>

#include "tests/host/package/PackageMaker.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

HubRelease someRelease(const std::string& version = "1.0.0") {
  return {.release = releaseNamed("asr", version),
          .name = "ASR \"zh\"",
          .sha256 = sha256("zip"),
          .sizeBytes = 3,
          .signature = {},
          .channel = "stable",
          .publishedAt = "2026-11-24T07:45:00.123Z",
          .manifestSha256 = sha256("manifest")};
}

UploadFolder uploadOf(HubStore& store, const TempFolder&, Files& files, std::string_view zip = "zip") {
  auto upload = store.beginUpload();
  EXPECT_TRUE(upload) << upload.error().message();
  auto file = WriteFile::create(files, 0, upload->zip().text());
  EXPECT_TRUE(file->append(zip));
  return *std::move(upload);
}

TEST(HubRelease, IsReadAsItIsWritten) {
  HubRelease release = someRelease();
  release.signature = ArtifactSignature{"k", "djEyMw==", release.release, release.sha256};
  const auto again = HubRelease::parse(release.text());
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->text(), release.text());
  EXPECT_EQ(again->release, release.release);
  EXPECT_EQ(again->name, release.name);
  ASSERT_TRUE(again->signature);
  EXPECT_EQ(again->signature->valueBase64, "djEyMw==");
  for (const char* const bad :
       {"", "{}", "[]", R"({"service_id":"asr"})", R"({"service_id":"../x","version":"1.0.0","platform":"linux-x64"})"}) {
    EXPECT_FALSE(HubRelease::parse(bad)) << bad;
  }
}

TEST(HubRelease, KnowsAChannel) {
  for (const char* const good : {"stable", "beta", "team-7"}) EXPECT_TRUE(isChannel(good)) << good;
  for (const char* const bad : {"", "-x", "Beta", "a b", "a/b", "a_b"}) EXPECT_FALSE(isChannel(bad)) << bad;
  EXPECT_FALSE(isChannel(std::string(33, 'a')));
}

TEST(HubStore, PublishesAWholeFolderOrNothing) {
  MachineFiles files;
  const TempFolder folder;
  NullLog log;
  auto store = HubStore::open(*files, folder / "data");
  ASSERT_TRUE(store) << store.error().message();
  EXPECT_TRUE(store->scan(log)->empty());
  ASSERT_TRUE(store->publish(uploadOf(*store, folder, *files), someRelease(), {"manifest", "signature", "{}"}));
  EXPECT_EQ(folder.read("data/storage/services/asr/1.0.0/linux-x64/service.zip"), "zip");
  EXPECT_EQ(folder.read("data/storage/services/asr/1.0.0/linux-x64/MANIFEST"), "manifest");
  EXPECT_EQ(folder.read("data/storage/services/asr/1.0.0/linux-x64/MANIFEST.sig"), "signature");
  EXPECT_EQ(store->scan(log)->size(), 1U);
  EXPECT_EQ(store->read(someRelease().release)->text(), someRelease().text());

  const auto twice = store->publish(uploadOf(*store, folder, *files, "zap"), someRelease(), {"other", "other", "{}"});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code(), ErrorCode::AlreadyExists);
  EXPECT_EQ(folder.read("data/storage/services/asr/1.0.0/linux-x64/service.zip"), "zip");
  EXPECT_TRUE(files->list(folder / "data/uploads")->empty());
}

TEST(HubStore, SweepsUploadsThatACrashLeft) {
  MachineFiles files;
  const TempFolder folder;
  folder.write("data/uploads/0123/service.zip", "half");
  ASSERT_TRUE(HubStore::open(*files, folder / "data"));
  EXPECT_FALSE(folder.exists("data/uploads/0123"));
}

TEST(HubStore, LeavesAReleaseInTheWrongPlaceAlone) {
  MachineFiles files;
  const TempFolder folder;
  NullLog log;
  auto store = HubStore::open(*files, folder / "data");
  ASSERT_TRUE(store);
  ASSERT_TRUE(store->publish(uploadOf(*store, folder, *files), someRelease(), {"m", "s", "{}"}));
  std::filesystem::rename(folder.text() + "/data/storage/services/asr/1.0.0",
                          folder.text() + "/data/storage/services/asr/2.0.0");
  folder.write("data/storage/services/stray", "file");
  EXPECT_TRUE(store->scan(log)->empty());
  EXPECT_TRUE(folder.exists("data/storage/services/asr/2.0.0/linux-x64/service.zip"));
}

}  // namespace
}  // namespace tenon::host
