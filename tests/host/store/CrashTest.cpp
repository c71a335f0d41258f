// Cases 53 and 54 of the fault list for what this room writes: at every call, old or new, and never neither.
#include "host/adapter/AtomicFile.h"
#include "host/store/CurrentStore.h"
#include "host/store/InstalledStore.h"
#include "tests/host/store/CrashSweep.h"
#include "tests/host/store/StoreSamples.h"

namespace tenon::host {
namespace {

std::string contentOf(Files& files, const Path& path) { return files.readAll(path, limits::MiB).value_or("(missing)"); }

TEST(Crash, Case54AnAtomicFileIsOldOrNew) {
  CrashSweep sweep;
  sweep.prepare = [](Files& files, const Path& root) { ASSERT_TRUE(writeAtomically(files, root / "a", "the old text")); };
  sweep.act = [](Files& files, const Path& root) { return writeAtomically(files, root / "a", "the new one"); };
  sweep.check = [](Files& files, const Path& root, bool done) {
    const auto text = contentOf(files, root / "a");
    EXPECT_TRUE(text == "the new one" || (!done && text == "the old text")) << text;
    ASSERT_TRUE(removeTemporaries(files, root));
    EXPECT_EQ(files.list(root).value().size(), 1U);
  };
  sweep.variants = 20;
  EXPECT_EQ(sweep.run(), 5U);  // create, write, sync, replace, sync of the folder
}

TEST(Crash, Case54AFirstFileIsWholeOrMissing) {
  CrashSweep sweep;
  sweep.prepare = [](Files&, const Path&) {};
  sweep.act = [](Files& files, const Path& root) { return writeAtomically(files, root / "a", "new"); };
  sweep.check = [](Files& files, const Path& root, bool done) {
    const auto text = contentOf(files, root / "a");
    EXPECT_TRUE(text == "new" || (!done && text == "(missing)")) << text;
  };
  sweep.run();
}

TEST(Crash, Case54ARemovedFileIsGoneForGood) {
  CrashSweep sweep;
  sweep.prepare = [](Files& files, const Path& root) { ASSERT_TRUE(writeAtomically(files, root / "a", "old")); };
  sweep.act = [](Files& files, const Path& root) { return removeDurably(files, root / "a"); };
  sweep.check = [](Files& files, const Path& root, bool done) {
    const auto text = contentOf(files, root / "a");
    EXPECT_TRUE(text == "(missing)" || (!done && text == "old")) << text;
  };
  sweep.run();
}

TEST(Crash, Case54TheCommitIsOldOrNew) {
  const auto storeAt = [](Files& files, const Path& root) {
    return CurrentStore(files, ServiceLayout(root, root / "trash"), serviceNamed("asr"), &sha256);
  };
  CrashSweep sweep;
  sweep.prepare = [&](Files& files, const Path& root) {
    ASSERT_TRUE(storeAt(files, root).write(currentOf("asr", "1.2.0")));
  };
  sweep.act = [&](Files& files, const Path& root) -> Result<void> {
    TENON_CHECK(storeAt(files, root).write(currentOf("asr", "1.3.0")));
    return {};
  };
  sweep.check = [&](Files& files, const Path& root, bool done) {
    const auto current = storeAt(files, root).read();
    ASSERT_TRUE(current && *current) << (current ? "nothing is current" : current.error().message());
    const auto version = (*current)->release.version.text();
    EXPECT_TRUE(version == "1.3.0" || (!done && version == "1.2.0")) << version;
    EXPECT_EQ((*current)->generation, version == "1.3.0" ? 2U : 1U);
  };
  sweep.run();
}

TEST(Crash, Case54ThePolicyIsOldOrNew) {
  const auto mode = [](Files& files, const Path& root) {
    const auto policy = InstalledStore(files, ServiceLayout(root, root / "trash")).policy();
    return policy ? policy->env.at("MODE") : policy.error().message();
  };
  CrashSweep sweep;
  sweep.prepare = [](Files& files, const Path& root) {
    ASSERT_TRUE(InstalledStore(files, ServiceLayout(root, root / "trash")).write(ServicePolicy{{{"MODE", "old"}}}));
  };
  sweep.act = [](Files& files, const Path& root) {
    return InstalledStore(files, ServiceLayout(root, root / "trash")).write(ServicePolicy{{{"MODE", "new"}}});
  };
  sweep.check = [&](Files& files, const Path& root, bool done) {
    const std::string now = mode(files, root);
    EXPECT_TRUE(now == "new" || (!done && now == "old")) << now;
  };
  sweep.run();
}

// `tenon set` before the first install, on a node that has no service yet: the folders on the way are new as well.
TEST(Crash, Case54SoIsTheFirstPolicyOfAServiceThatIsYetToBeInstalled) {
  const auto storeAt = [](Files& files, const Path& root) {
    return InstalledStore(files, PackageLayout(root).service(serviceNamed("asr")));
  };
  CrashSweep sweep;
  sweep.prepare = [](Files&, const Path&) {};
  sweep.act = [&](Files& files, const Path& root) { return storeAt(files, root).write(ServicePolicy{{{"MODE", "new"}}}); };
  sweep.check = [&](Files& files, const Path& root, bool done) {
    const auto policy = storeAt(files, root).policy();
    ASSERT_TRUE(policy) << policy.error().message();
    EXPECT_TRUE(policy->env.contains("MODE") || !done);
  };
  EXPECT_GT(sweep.run(), 6U);
}

TEST(Crash, Case54TheNoteOfAnIndexIsThereOnceItWasWritten) {
  const auto storeAt = [](Files& files, const Path& root) {
    return InstalledStore(files, ServiceLayout(root, root / "trash"));
  };
  CrashSweep sweep;
  sweep.prepare = [](Files&, const Path&) {};
  sweep.act = [&](Files& files, const Path& root) {
    const auto release = releaseOf("1.2.0");
    return storeAt(files, root)
        .write(release, IndexFloor{.platform = release.platform, .sequence = 7, .sha256 = {}, .issued = {}, .signedBy = {}});
  };
  sweep.check = [&](Files& files, const Path& root, bool done) {
    const auto index = storeAt(files, root).index(releaseOf("1.2.0"));
    ASSERT_TRUE(index) << index.error().message();
    EXPECT_TRUE(*index || !done);
    if (*index) {
      EXPECT_EQ((*index)->sequence, 7u);
    }
  };
  EXPECT_GT(sweep.run(), 4U);
}

class RemovedRelease {
 public:
  static void prepare(Files& files, const Path& root) {
    for (const auto* version : {"1.2.0", "1.3.0"}) {
      const auto tree = ServiceLayout(root, root / "trash").release(releaseOf(version));
      ASSERT_TRUE(files.makeFolders(tree / "app"));
      ASSERT_TRUE(writeAtomically(files, tree / "MANIFEST", version));
      ASSERT_TRUE(writeAtomically(files, tree / "app/main.py", version));
    }
    ASSERT_TRUE(files.makeFolders(ServiceLayout(root, root / "trash").plans()));
    ASSERT_TRUE(writeAtomically(files, ServiceLayout(root, root / "trash").plan(releaseOf("1.3.0")), "plan"));
    ASSERT_TRUE(InstalledStore(files, ServiceLayout(root, root / "trash")).releases(&sha256));
  }
  static Result<void> act(Files& files, const Path& root) {
    return InstalledStore(files, ServiceLayout(root, root / "trash")).removeRelease(releaseOf("1.3.0"));
  }
  // After what an agent does when it starts.
  static void check(Files& files, const Path& root, bool done) {
    const InstalledStore store(files, ServiceLayout(root, root / "trash"));
    if (done) {  // nothing comes back, before anybody clears up
      EXPECT_FALSE(files.exists(root / "versions/1.3.0"));
      EXPECT_FALSE(files.exists(store.layout().plan(releaseOf("1.3.0"))));
      EXPECT_EQ(contentOf(files, root / "installed.json").find("1.3.0"), std::string::npos);
    }
    ASSERT_TRUE(store.clearStaging());
    const auto found = store.releases(&sha256);
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_TRUE(isWhole(files, root, "1.2.0"));
    EXPECT_TRUE(found->releases.contains("1.2.0::linux-x64"));
    if (found->releases.contains("1.3.0::linux-x64")) {
      EXPECT_FALSE(done);
      EXPECT_TRUE(isWhole(files, root, "1.3.0"));
    } else {
      EXPECT_FALSE(files.exists(root / "versions/1.3.0"));
    }
    EXPECT_FALSE(files.exists(root / "_staging"));
  }

  static bool isWhole(Files& files, const Path& root, const std::string& version) {
    const auto tree = ServiceLayout(root, root / "trash").release(releaseOf(version));
    return contentOf(files, tree / "MANIFEST") == version && contentOf(files, tree / "app/main.py") == version;
  }
};

TEST(Crash, Case54ARemovedReleaseIsWholeOrGone) {
  CrashSweep sweep;
  sweep.prepare = RemovedRelease::prepare;
  sweep.act = RemovedRelease::act;
  sweep.check = RemovedRelease::check;
  EXPECT_GT(sweep.run(), 5U);
}

// Where the version's folder stays, for the sake of another platform, it is the move aside alone that takes the tree away.
TEST(Crash, Case54SoIsOneOfTwoPlatforms) {
  CrashSweep sweep;
  sweep.prepare = [](Files& files, const Path& root) {
    RemovedRelease::prepare(files, root);
    ASSERT_TRUE(files.makeFolders(root / "versions/1.3.0/linux-arm64"));
    ASSERT_TRUE(writeAtomically(files, root / "versions/1.3.0/linux-arm64/MANIFEST", "of another"));
  };
  sweep.act = RemovedRelease::act;
  sweep.check = [](Files& files, const Path& root, bool done) {
    ASSERT_TRUE(InstalledStore(files, ServiceLayout(root, root / "trash")).clearStaging());
    const bool isThere = files.exists(ServiceLayout(root, root / "trash").release(releaseOf("1.3.0")));
    EXPECT_FALSE(done && isThere);
    EXPECT_TRUE(!isThere || RemovedRelease::isWhole(files, root, "1.3.0"));
    EXPECT_EQ(contentOf(files, root / "versions/1.3.0/linux-arm64/MANIFEST"), "of another");
  };
  sweep.variants = 20;
  EXPECT_GT(sweep.run(), 5U);
}

TEST(Crash, Case55ARecoveryThatDiesIsRepeated) {
  CrashSweep sweep;
  sweep.prepare = [](Files& files, const Path& root) {
    RemovedRelease::prepare(files, root);
    const auto half = root / "_staging/1.4.0-linux-x64-0123456789abcdef";
    ASSERT_TRUE(files.makeFolders(half));
    ASSERT_TRUE(writeAtomically(files, half / "MANIFEST", "half"));
    ASSERT_TRUE(files.makeFolders(root / "versions/1.4.0"));
    ASSERT_TRUE(removeDurably(files, root / "installed.json"));
  };
  sweep.act = [](Files& files, const Path& root) -> Result<void> {
    const InstalledStore store(files, ServiceLayout(root, root / "trash"));
    TENON_CHECK(store.clearStaging());
    TENON_CHECK(store.releases(&sha256));
    return {};
  };
  sweep.check = [](Files& files, const Path& root, bool) {
    RemovedRelease::check(files, root, false);
    EXPECT_TRUE(InstalledStore(files, ServiceLayout(root, root / "trash"))
                    .releases(&sha256)
                    .value()
                    .releases.contains("1.3.0::linux-x64"));
  };
  sweep.run();
}

// Case 56: a call that fails is told, leaves the old text or the new one, and is not tried again as if it might succeed.
TEST(Crash, Case56AFailedCallIsToldAndLeavesOldOrNew) {
  MachineFiles files;
  for (const auto code : {ErrorCode::IoError, ErrorCode::DiskFull}) {
    for (std::uint64_t n = 1; n <= 5; ++n) {
      const TempFolder folder;
      folder.write("a", "old");
      FakeFiles disk(*files, folder.path());
      disk.failAt(n, code);
      const auto written = writeAtomically(disk, folder / "a", "new");
      ASSERT_FALSE(written) << n;
      EXPECT_EQ(written.error().code(), code);
      EXPECT_EQ(folder.read("a"), n < 5 ? "old" : "new");
      EXPECT_EQ(files->list(folder.path()).value().size(), 1U) << n;
      EXPECT_LE(disk.calls(), 6U);
    }
  }
}

}  // namespace
}  // namespace tenon::host
