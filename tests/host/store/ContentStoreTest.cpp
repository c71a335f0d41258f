#include "host/store/ContentStore.h"

#include <filesystem>

#include "host/adapter/AtomicFile.h"
#include "tests/host/store/CrashSweep.h"
#include "tests/host/store/StoreSamples.h"
#include "tests/support/ForwardingFiles.h"

namespace tenon::host {
namespace {

namespace fs = std::filesystem;

StoredFile storedFile(std::string_view content, bool executable = false) {
  return {sha256(content), executable, content.size()};
}

class ContentStoreTest : public testing::Test {
 protected:
  ContentStore storeOn(Files& files) const { return {files, layout_, &sha256Of}; }
  void put(std::string_view content, bool executable = false) {
    const auto file = folder_.write("tree/" + sha256(content).hex(), content);
    ASSERT_TRUE(storeOn(*files_).put(storedFile(content, executable), file));
  }
  bool has(const StoredFile& file) {
    const auto store = storeOn(*files_);
    return store.has(store.shelves().value(), file);
  }
  std::string pathOf(const StoredFile& file) const {
    const auto hex = file.sha256.hex();
    return "store/" + hex.substr(0, 2) + "/" + hex + (file.executable ? ".x" : "");
  }
  // In place, as a disk does it: every name of the content sees it.
  void rot(const std::string& path, std::string_view with) const {
    fs::permissions(TempFolder::native(folder_ / path), fs::perms::owner_all, fs::perm_options::add);
    folder_.write(path, with);
  }

  TempFolder folder_;
  PackageLayout layout_{folder_.path()};
  MachineFiles files_;
};

TEST_F(ContentStoreTest, GivesWhatItWasGiven) {
  const auto store = storeOn(*files_);
  EXPECT_TRUE(store.shelves().value().empty());
  EXPECT_FALSE(has(storedFile("weights")));
  EXPECT_FALSE(store.take(storedFile("weights"), folder_ / "new").value());
  put("weights");
  put("weights");  // twice is once
  EXPECT_TRUE(has(storedFile("weights")));
  EXPECT_TRUE(folder_.exists(pathOf(storedFile("weights"))));
  EXPECT_TRUE(store.take(storedFile("weights"), folder_ / "new").value());
  EXPECT_EQ(folder_.read("new"), "weights");
  EXPECT_EQ(store.list(store.shelves().value()).value().size(), 1U);
  EXPECT_EQ(folder_.read(pathOf(storedFile("weights"))), "weights");
}

TEST_F(ContentStoreTest, Case53ReplacesHalfOfAFile) {
  const auto file = storedFile("weights");
  folder_.write(pathOf(file), "weig");  // a copy whose maker was killed
  EXPECT_FALSE(has(file));
  put("weights");
  EXPECT_TRUE(has(file));
  EXPECT_EQ(folder_.read(pathOf(file)), "weights");
}

TEST_F(ContentStoreTest, KeepsProgramsApartFromPlainFiles) {
  put("#!/bin/sh\n", true);
  EXPECT_TRUE(has(storedFile("#!/bin/sh\n", true)));
  EXPECT_FALSE(has(storedFile("#!/bin/sh\n", false)));
}

TEST_F(ContentStoreTest, NeverOverwritesWhatATreeHas) {
  put("weights");
  folder_.write("new", "mine");
  const auto taken = storeOn(*files_).take(storedFile("weights"), folder_ / "new");
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code(), ErrorCode::AlreadyExists);
  EXPECT_EQ(folder_.read("new"), "mine");
}

TEST_F(ContentStoreTest, Case64FindsBitRotWhenTheFileIsTaken) {
  put("weights");
  rot(pathOf(storedFile("weights")), "weighty");
  EXPECT_TRUE(has(storedFile("weights"))) << "by name and size it is still there";
  EXPECT_FALSE(storeOn(*files_).take(storedFile("weights"), folder_ / "new").value());
  EXPECT_FALSE(folder_.exists("new"));
  EXPECT_FALSE(folder_.exists(pathOf(storedFile("weights"))));
}

TEST_F(ContentStoreTest, Case64FindsAFileThatBecameShorter) {
  put("weights");
  rot(pathOf(storedFile("weights")), "weigh");
  EXPECT_FALSE(has(storedFile("weights")));
  EXPECT_FALSE(storeOn(*files_).take(storedFile("weights"), folder_ / "new").value());
  EXPECT_FALSE(folder_.exists(pathOf(storedFile("weights"))));
}

TEST_F(ContentStoreTest, Case64FindsAFileThatCannotBeReadAnyMore) {
  class DeadSector final : public ForwardingFiles {
   public:
    using ForwardingFiles::ForwardingFiles;
    Result<std::size_t> read(Handle, std::uint64_t, std::span<char>) override {
      return Error(ErrorCode::IoError, "a dead sector");
    }
  };
  put("weights");
  DeadSector failing(*files_);
  EXPECT_FALSE(storeOn(failing).take(storedFile("weights"), folder_ / "new").value());
  EXPECT_FALSE(folder_.exists(pathOf(storedFile("weights"))));
}

// Another thread collects the file between the look and the link: it is missing, and no error.
TEST_F(ContentStoreTest, Case66AFileThatIsCollectedMeanwhileIsMissing) {
  put("weights");
  const auto store = storeOn(*files_);
  ASSERT_TRUE(has(storedFile("weights")));
  ASSERT_TRUE(files_->removeFile(folder_ / pathOf(storedFile("weights"))));
  EXPECT_FALSE(store.take(storedFile("weights"), folder_ / "new").value());
  EXPECT_FALSE(folder_.exists("new"));
}

TEST_F(ContentStoreTest, Case66RemovesNothingThatATreeHolds) {
  put("weights");
  const auto store = storeOn(*files_);
  ASSERT_TRUE(store.take(storedFile("weights"), folder_ / "new").value());
  if (files_->inspect(folder_ / "new").value().links == 1) GTEST_SKIP() << "this disk clones";
  EXPECT_FALSE(store.removeUnused(storedFile("weights")).value());
  EXPECT_TRUE(has(storedFile("weights")));
  ASSERT_TRUE(files_->removeFile(folder_ / "new"));
  ASSERT_TRUE(files_->removeTree(folder_ / "tree"));
  EXPECT_TRUE(store.removeUnused(storedFile("weights")).value());
  EXPECT_FALSE(has(storedFile("weights")));
  EXPECT_FALSE(store.removeUnused(storedFile("weights")).value());
}

TEST_F(ContentStoreTest, LeavesForeignNamesAlone) {
  put("weights");
  folder_.write("store/README", "a note of the operator");
  folder_.write("store/ab/something", "x");
  folder_.write("store/ab/" + std::string(64, 'g'), "x");
  const auto store = storeOn(*files_);
  const auto all = store.list(store.shelves().value()).value();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].sha256, sha256("weights"));
  EXPECT_EQ(all[0].size, 7U);
}

// What an install does with the store, cut at every call: what is in it has the content that its name says, or is found
// when it is taken; and a tree that was made of it is whole once its barrier was passed.
class StoreCrash : public testing::Test {
 protected:
  static Result<void> unpack(Files& files, const Path& root, const std::string& tree) {
    const ContentStore store(files, PackageLayout(root), &sha256Of);
    TENON_TRY(auto barrier, Barrier::open(files, root));
    TENON_CHECK(files.makeFolders(root / tree));
    for (const std::string_view content : {"weights", "words"}) {
      const auto path = root / tree / content;
      TENON_TRY(const bool taken, store.take(storedFile(content), path));
      if (taken) continue;
      TENON_TRY(auto file, WriteFile::create(files, 0, path.text(), {.readOnly = true}));
      TENON_CHECK(file.append(content));
    }
    TENON_CHECK(barrier.sync());
    for (const std::string_view content : {"weights", "words"}) {
      TENON_CHECK(store.put(storedFile(content), root / tree / content));
    }
    return {};
  }
  static void check(Files& files, const Path& root, FakeFiles::Links links) {
    if (links == FakeFiles::Links::Hard) {
      const ContentStore store(files, PackageLayout(root), &sha256Of);
      const auto all = store.list(store.shelves().value()).value();
      for (const auto& file : all) {
        EXPECT_TRUE(store.take(file, root / ("seen-" + file.sha256.hex())).value()) << "torn, and has its final name";
      }
    }
    const auto again = unpack(files, root, "again");
    ASSERT_TRUE(again) << again.error().message();
    for (const std::string content : {"weights", "words"}) {
      EXPECT_EQ(files.readAll(root / "again" / content, limits::MiB).value(), content);
      EXPECT_EQ(files.readAll(root / "old" / content, limits::MiB).value(), content);
    }
  }
  static void sweep(FakeFiles::Links links) {
    CrashSweep sweep;
    sweep.links = links;
    sweep.prepare = [](Files& files, const Path& root) {
      ASSERT_TRUE(unpack(files, root, "old"));
      const auto words = sha256("words").hex();
      ASSERT_TRUE(files.removeFile(PackageLayout(root).store() / words.substr(0, 2) / words));
    };
    sweep.act = [](Files& files, const Path& root) { return unpack(files, root, "new"); };
    sweep.check = [links](Files& files, const Path& root, bool) { check(files, root, links); };
    sweep.variants = 20;
    EXPECT_GT(sweep.run(), 6U);
  }
};

TEST_F(StoreCrash, Case54OnADiskWithHardLinks) { sweep(FakeFiles::Links::Hard); }

TEST_F(StoreCrash, Case54OnADiskThatClones) { sweep(FakeFiles::Links::Clone); }

}  // namespace
}  // namespace tenon::host
