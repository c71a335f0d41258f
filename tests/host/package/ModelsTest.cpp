// Packages that name files of models: where the bytes come from, and that nobody but the author says what they are.
#include <gtest/gtest.h>

#include <filesystem>

#include "host/package/disk/Collector.h"
#include "tests/host/package/PackageWorld.h"
#include "tests/support/DiskOffers.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

class Models : public testing::Test {
 protected:
  Models() { publish("1.3.0"); }

  // A release that names these files of the model m, version 1: by path, what they hold.
  void publish(const std::string& version, const std::map<std::string, std::string>& named = kNamed) {
    world_.maker.release = releaseNamed("asr", version);
    std::string files;
    for (const auto& [path, content] : named) {
      files += (files.empty() ? "" : ",") + std::string(R"({"path":")") + path + R"(","sha256":")" + sha256(content).hex() +
               R"(","size":)" + std::to_string(content.size()) + "}";
      world_.models["/storage/models/m/1/" + path] = content;
    }
    auto text = serviceJson("asr", version);
    text.insert(1, R"("models":[{"id":"m","version":"1","files":[)" + files + "]}],");
    world_.maker.files["service.json"].text = text;
    world_.publish();
  }
  Result<StagedRelease> fetch() { return world_.fetch(*files_); }
  std::string inTree(const std::string& path, const std::string& version = "1.3.0") {
    return folder_.read("services/asr/versions/" + version + "/linux-x64/" + path);
  }
  void refused(const Result<StagedRelease>& staged, ErrorCode code) {
    ASSERT_FALSE(staged);
    EXPECT_EQ(staged.error().code(), code) << staged.error().message();
    EXPECT_FALSE(folder_.exists("services/asr/versions/1.3.0"));
    EXPECT_FALSE(folder_.exists("services/asr/_staging"));
  }
  std::size_t asked() const { return world_.requested("vocab.txt") + world_.requested("big.bin"); }
  Collector collector() {
    return {*files_, PackageLayout(folder_.path()), &sha256, [](const std::function<void()>& work) { work(); }};
  }

  static const std::map<std::string, std::string> kNamed;
  TempFolder folder_;
  MachineFiles files_;
  PackageWorld world_{folder_.path()};
};

const std::map<std::string, std::string> Models::kNamed{{"vocab.txt", "a b c"}, {"deep/big.bin", std::string(20'000, 'm')}};

TEST_F(Models, LieInTheTreeAndMayNotBeWritten) {
  const auto staged = fetch();
  ASSERT_TRUE(staged) << staged.error().message();
  EXPECT_EQ(inTree("models/vocab.txt"), "a b c");
  EXPECT_EQ(inTree("models/deep/big.bin"), kNamed.at("deep/big.bin"));
  EXPECT_EQ(world_.steps, (std::vector<std::string>{"fetch", "verify", "unpack", "models"}));
  EXPECT_TRUE(files_->list(folder_ / "cache").value().empty());
  if (!diskHasModes()) return;
  const auto file = std::filesystem::status((folder_ / "services/asr/versions/1.3.0/linux-x64/models/vocab.txt").text());
  EXPECT_EQ(file.permissions() & std::filesystem::perms::owner_write, std::filesystem::perms::none);
}

TEST_F(Models, AreFetchedOnceForAllReleases) {
  ASSERT_TRUE(fetch());
  EXPECT_EQ(asked(), 2U);
  world_.forgetRequests();
  publish("1.4.0");
  ASSERT_TRUE(fetch());
  EXPECT_EQ(asked(), 0U);
  EXPECT_EQ(inTree("models/vocab.txt", "1.4.0"), "a b c");
}

TEST_F(Models, ThatRottedInTheStoreAreFetchedAgain) {
  ASSERT_TRUE(fetch());
  const auto hash = sha256(kNamed.at("vocab.txt")).hex();
  const auto kept = folder_ / ("store/" + hash.substr(0, 2) + "/" + hash);
  ASSERT_TRUE(files_->removeFile(kept));
  folder_.write("store/" + hash.substr(0, 2) + "/" + hash, "A b c");
  publish("1.4.0");
  ASSERT_TRUE(fetch());
  EXPECT_EQ(inTree("models/vocab.txt", "1.4.0"), "a b c");
}

TEST_F(Models, ThatAHubSwappedAreRefused) {
  world_.models["/storage/models/m/1/vocab.txt"] = "x y z";
  refused(fetch(), ErrorCode::ContentMismatch);
  world_.models["/storage/models/m/1/vocab.txt"] = "a b c d";
  refused(fetch(), ErrorCode::ContentMismatch);
  world_.models["/storage/models/m/1/vocab.txt"] = "a b c";
  EXPECT_TRUE(fetch());
}

TEST_F(Models, ThatTheHubLacksAreNamed) {
  world_.models.erase("/storage/models/m/1/deep/big.bin");
  const auto staged = fetch();
  refused(staged, ErrorCode::NotFound);
  EXPECT_NE(staged.error().message().find("m 1, deep/big.bin"), std::string::npos) << staged.error().message();
}

TEST_F(Models, AreResumedWhereTheyBrokeOff) {
  world_.cutModelsAfter = 9'000;
  ASSERT_TRUE(fetch());
  std::vector<std::string> ranges;
  for (const auto& request : world_.requests()) {
    if (request.url.ends_with("big.bin")) ranges.push_back(ScriptedHttp::headerOf(request, "Range"));
  }
  EXPECT_EQ(ranges, (std::vector<std::string>{"", "bytes=9000-", "bytes=18000-"}));
  EXPECT_EQ(inTree("models/deep/big.bin"), kNamed.at("deep/big.bin"));
}

TEST_F(Models, MayNotLieWhereThePackageHasFiles) {
  publish("1.3.0", {{"Weights.bin", "x"}});  // beside the package's own models/weights.bin
  refused(fetch(), ErrorCode::PathUnsafe);
  EXPECT_FALSE(folder_.exists("services"));
}

TEST_F(Models, OfAPackageFileComeFromTheStoreOrNotAtAll) {
  const auto zip = folder_.write("incoming/asr.zip", world_.zipBytes());
  refused(world_.take(*files_, zip), ErrorCode::Usage);
  ASSERT_TRUE(fetch());
  publish("1.4.0");
  ASSERT_TRUE(world_.take(*files_, folder_.write("incoming/next.zip", world_.zipBytes())));
  EXPECT_EQ(inTree("models/vocab.txt", "1.4.0"), "a b c");
}

TEST_F(Models, AreNoGarbageWhileAReleaseNamesThem) {
  for (const bool withManifest : {true, false}) {
    world_.withManifest = withManifest;
    publish(withManifest ? "1.3.0" : "1.4.0");
    ASSERT_TRUE(fetch());
    EXPECT_EQ(collector().garbage().value().files, 0U);
  }
  const auto disks = collector().diskOf(world_.maker.release.service);
  ASSERT_TRUE(disks);
  ASSERT_EQ(disks->size(), 2U);
  for (const auto& disk : *disks) EXPECT_EQ(disk.withVersions.files, 2U) << disk.release.version.text();
  ASSERT_TRUE(InstalledStore(*files_, PackageLayout(folder_.path()).service(world_.maker.release.service))
                  .removeRelease((*disks)[0].release));
  ASSERT_TRUE(InstalledStore(*files_, PackageLayout(folder_.path()).service(world_.maker.release.service))
                  .removeRelease((*disks)[1].release));
  EXPECT_GE(collector().garbage().value().files, 2U);
}

TEST_F(Models, StandInThePreview) {
  PackageWorld::Node node(world_, *files_);
  const auto before = node->preview(node.source, world_.variant());
  ASSERT_TRUE(before) << before.error().message();
  ASSERT_FALSE(before->problem) << before->problem->message();
  EXPECT_EQ(before->models.missingBytes, 20'005U);
  ASSERT_TRUE(fetch());
  const auto after = node->preview(node.source, world_.variant());
  ASSERT_TRUE(after);
  EXPECT_EQ(after->models.missingBytes, 0U);
  EXPECT_EQ(after->models.bytes, 20'005U);
}

}  // namespace
}  // namespace tenon::host
