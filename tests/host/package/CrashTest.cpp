// Cases 53, 54 and 56 of the fault list for an install up to the release's place under versions/: a release is there as a
// whole, or it is not there, and what served before still can.
#include <gtest/gtest.h>

#include "host/store/CurrentStore.h"
#include "tests/host/package/PackageWorld.h"
#include "tests/host/store/CrashSweep.h"
#include "tests/support/DiskOffers.h"

namespace tenon::host {
namespace {

class FetchCrash : public testing::Test {
 protected:
  static PackageMaker makerOf(const PackageMaker& as, const std::string& version) {
    PackageMaker maker = as;
    maker.release = releaseNamed("asr", version);
    maker.files["service.json"].text = serviceJson("asr", version);
    maker.files["app/deep/er/file"] = {"content of " + version};
    if (diskHasSymlinks()) maker.files["app/link"] = {"main.py", ManifestFile::Kind::Symlink};
    return maker;
  }

  // 1.2.0 is installed and current.
  void prepare(Files& files, const Path& root) {
    PackageWorld world(root);
    world.maker = old_;
    world.publish();
    const auto staged = world.fetch(files);
    ASSERT_TRUE(staged) << staged.error().message();
    const auto layout = PackageLayout(root).service(old_.release.service);
    CurrentRelease current{.service = old_.release.service,
                           .generation = 0,
                           .release = staged->release,
                           .state = CurrentRelease::State::Good,
                           .previous = std::nullopt,
                           .attempts = 0};
    ASSERT_TRUE(CurrentStore(files, layout, old_.release.service, &sha256).write(current));
    const InstalledStore store(files, layout);
    ASSERT_TRUE(store.dropJournal());
    ASSERT_TRUE(store.releases(&sha256));
  }

  Result<void> fetchNew(Files& files, const Path& root) {
    PackageWorld world(root);
    world.withManifest = withManifest_;
    world.maker = new_;
    world.models = models_;
    world.publish();
    TENON_CHECK(world.fetch(files));
    return {};
  }

  static bool isWhole(Files& files, const Path& root, const PackageMaker& maker) {
    const auto tree =
        PackageLayout(root).service(maker.release.service).release(maker.release.version, maker.release.platform);
    for (const auto& [path, content] : maker.files) {
      const bool link = content.kind == ManifestFile::Kind::Symlink;
      const auto found = link ? files.readSymlink(tree / path) : files.readAll(tree / path, limits::MiB);
      if (!found || *found != content.text) return false;
    }
    return true;
  }

  // After what an agent does when it starts.
  void check(Files& files, const Path& root, bool done) {
    const auto layout = PackageLayout(root).service(old_.release.service);
    const InstalledStore store(files, layout);
    const auto journal = store.journal();
    ASSERT_TRUE(journal) << journal.error().message();
    ASSERT_TRUE(store.clearStaging());
    const auto found = store.releases(&sha256);
    ASSERT_TRUE(found) << found.error().message();
    const auto current = CurrentStore(files, layout, old_.release.service, &sha256).read();
    ASSERT_TRUE(current && *current);
    EXPECT_EQ((*current)->release.version.text(), "1.2.0");
    EXPECT_TRUE(found->releases.contains("1.2.0::linux-x64"));
    EXPECT_TRUE(isWhole(files, root, old_));
    if (found->releases.contains("1.3.0::linux-x64")) {
      auto whole = new_;
      whole.files.insert(named_.begin(), named_.end());
      EXPECT_TRUE(isWhole(files, root, whole));
      EXPECT_TRUE(*journal) << "a new release without a journal is nobody's";
    } else {
      EXPECT_FALSE(done);
      EXPECT_FALSE(files.exists(layout.versions() / "1.3.0"));
    }
    EXPECT_FALSE(files.exists(layout.staging()));
  }

  void sweep() {
    CrashSweep sweep;
    sweep.prepare = [this](Files& files, const Path& root) { prepare(files, root); };
    sweep.act = [this](Files& files, const Path& root) { return fetchNew(files, root); };
    sweep.check = [this](Files& files, const Path& root, bool done) { check(files, root, done); };
    sweep.variants = 6;
    EXPECT_GT(sweep.run(), 30U);
  }

  PackageMaker signer_;
  PackageMaker old_ = makerOf(signer_, "1.2.0"), new_ = makerOf(signer_, "1.3.0");
  std::map<std::string, PackageMaker::Content> named_;
  std::map<std::string, std::string> models_;  // that the new one names, by the hub's path
  bool withManifest_ = true;
};

TEST_F(FetchCrash, Case54AReleaseIsThereAsAWholeOrNotAtAll) { sweep(); }

// Of a node on which nothing lies yet: the folders on the way are new as well.
TEST_F(FetchCrash, Case54SoIsTheFirstOneOfANode) {
  CrashSweep sweep;
  sweep.prepare = [](Files&, const Path&) {};
  sweep.act = [this](Files& files, const Path& root) { return fetchNew(files, root); };
  sweep.check = [this](Files& files, const Path& root, bool done) {
    const InstalledStore store(files, PackageLayout(root).service(new_.release.service));
    const auto journal = store.journal();
    ASSERT_TRUE(journal) << journal.error().message();
    ASSERT_TRUE(store.clearStaging());
    const auto found = store.releases(&sha256);
    ASSERT_TRUE(found) << found.error().message();
    const bool isThere = found->releases.contains("1.3.0::linux-x64");
    EXPECT_TRUE(isThere || !done);
    EXPECT_TRUE(!isThere || (isWhole(files, root, new_) && *journal));
  };
  sweep.variants = 6;
  EXPECT_GT(sweep.run(), 30U);
}

TEST_F(FetchCrash, Case54SoIsOneWithoutManifest) {
  withManifest_ = false;
  sweep();
}

TEST_F(FetchCrash, Case54SoIsOneThatNamesAModel) {
  const std::string content(9'000, 'm');
  models_["/storage/models/m/1/deep/big.bin"] = content;
  auto& service = new_.files["service.json"].text;
  service.insert(1, R"("models":[{"id":"m","version":"1","files":[{"path":"deep/big.bin","sha256":")" +
                        sha256(content).hex() + R"(","size":9000}]}],)");
  named_["models/deep/big.bin"] = {content};
  sweep();
}

TEST_F(FetchCrash, Case53AnInstallThatDiedIsDoneAgain) {
  MachineFiles machine;
  UnsyncedFiles files(*machine);
  for (const std::uint64_t n : {3U, 12U, 25U, 33U, 40U}) {
    const TempFolder root;
    prepare(files, root.path());
    FakeFiles disk(files, root.path());
    disk.stopBefore(n);
    EXPECT_FALSE(fetchNew(disk, root.path()) && disk.stopped());
    check(files, root.path(), false);
    const auto again = fetchNew(files, root.path());
    ASSERT_TRUE(again) << n << ": " << again.error().message();
    check(files, root.path(), true);
  }
}

TEST_F(FetchCrash, Case56AFailedCallLeavesNoHalf) {
  MachineFiles machine;
  UnsyncedFiles files(*machine);
  for (std::uint64_t n = 1;; ++n) {
    const TempFolder root;
    prepare(files, root.path());
    FakeFiles disk(files, root.path());
    disk.failAt(n, n % 2 == 0 ? ErrorCode::IoError : ErrorCode::DiskFull);
    const auto fetched = fetchNew(disk, root.path());
    if (disk.calls() < n) break;
    SCOPED_TRACE("failed call " + std::to_string(n) + ": " + disk.log()[n - 1]);
    if (!fetched) {
      EXPECT_FALSE(files.exists(root / "services/asr/versions/1.3.0/linux-x64"));
      EXPECT_FALSE(files.exists(root / "services/asr/_staging")) << "before any start sweeps it";
    }
    check(files, root.path(), fetched.has_value());
    if (HasFailure()) break;
  }
}

}  // namespace
}  // namespace tenon::host
