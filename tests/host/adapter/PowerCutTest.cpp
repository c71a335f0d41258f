// What a power cut may leave, by the order of writes and syncs before it.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "tests/support/FakeFiles.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {

namespace {

constexpr std::uint64_t kVariants = 60;

class PowerCut : public testing::Test {
 protected:
  using Act = std::function<Result<void>(Files&, const TempFolder&)>;
  using Look = std::function<std::string(const TempFolder&)>;

  static Result<void> write(Files& files, const Path& path, std::string_view content, bool sync) {
    TENON_TRY(auto file, WriteFile::create(files, 0, path.text()));
    TENON_CHECK(file.append(content));
    return sync ? file.sync() : Result<void>();
  }

  // All that may be there after a cut before any call of `act`, or after its end.
  std::set<std::string> outcomes(const Act& act, const Look& look) {
    std::set<std::string> all;
    for (std::uint64_t n = 1;; ++n) {
      const TempFolder before;
      before.write("current", "old");
      FakeFiles disk(*real_, before.path());
      disk.stopBefore(n);
      const auto done = act(disk, before);
      EXPECT_EQ(done.has_value(), !disk.stopped());
      for (std::uint64_t variant = 0; variant < kVariants; ++variant) all.insert(lookAfterCut(disk, variant, look));
      if (!disk.stopped()) return all;
    }
  }

  // All that may be there after a cut once `act` is done.
  std::set<std::string> outcomesAfter(const Act& act, const Look& look) {
    std::set<std::string> all;
    const TempFolder before;
    before.write("current", "old");
    FakeFiles disk(*real_, before.path());
    EXPECT_TRUE(act(disk, before));
    for (std::uint64_t variant = 0; variant < kVariants; ++variant) all.insert(lookAfterCut(disk, variant, look));
    return all;
  }

  static std::string lookAfterCut(const FakeFiles& disk, std::uint64_t variant, const Look& look) {
    const TempFolder after;
    disk.powerCut(after.path(), variant);
    return look(after);
  }

  static std::string current(const TempFolder& folder) {
    return folder.exists("current") ? folder.read("current") : "<none>";
  }

  MachineFiles real_;
};

using Outcomes = std::set<std::string>;

}  // namespace

TEST_F(PowerCut, AFileThatWasNeverSyncedMayBeGoneEmptyOrTorn) {
  const auto all =
      outcomesAfter([](Files& files, const TempFolder& at) { return write(files, at / "new", "12345678", false); },
                    [](const TempFolder& at) { return at.exists("new") ? at.read("new") : "<none>"; });
  EXPECT_TRUE(all.contains("<none>"));
  EXPECT_TRUE(all.contains(""));
  EXPECT_TRUE(all.contains("12345678"));
  EXPECT_TRUE(all.contains(std::string(8, '\0')));
  EXPECT_TRUE(std::any_of(all.begin(), all.end(), [](const std::string& content) {
    return !content.empty() && content.size() < 8 && std::string("12345678").starts_with(content);
  }));
}

TEST_F(PowerCut, ReplaceWithoutASyncOfTheFileMayLeaveItEmpty) {
  const auto all = outcomesAfter(
      [](Files& files, const TempFolder& at) -> Result<void> {
        TENON_CHECK(write(files, at / "current.tmp", "new", false));
        TENON_CHECK(files.replace(at / "current.tmp", at / "current"));
        return files.syncFolder(at.path());
      },
      current);
  EXPECT_TRUE(all.contains(""));
  EXPECT_FALSE(all.contains("old"));
}

TEST_F(PowerCut, ReplaceWithoutASyncOfTheFolderMayNotHaveHappened) {
  const auto all = outcomesAfter(
      [](Files& files, const TempFolder& at) -> Result<void> {
        TENON_CHECK(write(files, at / "current.tmp", "new", true));
        return files.replace(at / "current.tmp", at / "current");
      },
      current);
  EXPECT_EQ(all, (Outcomes{"old", "new"}));
}

TEST_F(PowerCut, TheFullRecipeLeavesOldOrNewAtEveryInstant) {
  const Act recipe = [](Files& files, const TempFolder& at) -> Result<void> {
    TENON_CHECK(write(files, at / "current.tmp", "new", true));
    TENON_CHECK(files.replace(at / "current.tmp", at / "current"));
    return files.syncFolder(at.path());
  };
  EXPECT_EQ(outcomes(recipe, current), (Outcomes{"old", "new"}));
  EXPECT_EQ(outcomesAfter(recipe, current), (Outcomes{"new"}));
}

TEST_F(PowerCut, ANewFoldersContentIsLostWithItsName) {
  const auto all = outcomesAfter(
      [](Files& files, const TempFolder& at) -> Result<void> {
        TENON_CHECK(files.makeFolders(at / "a/b"));
        TENON_CHECK(write(files, at / "a/b/file", "x", true));
        return files.syncFolder(at / "a/b");
      },
      [](const TempFolder& at) { return at.exists("a/b/file") ? at.read("a/b/file") : "<none>"; });
  EXPECT_EQ(all, (Outcomes{"<none>", "x"}));
}

TEST_F(PowerCut, OneBarrierMakesATreeDurable) {
  const auto act = [](Files& files, const TempFolder& at) -> Result<void> {
    TENON_CHECK(files.makeFolders(at / "tree"));
    TENON_CHECK(files.syncFolder(at.path()));
    TENON_TRY(auto barrier, Barrier::open(files, at / "tree"));
    TENON_CHECK(files.makeFolders(at / "tree/sub"));
    TENON_CHECK(write(files, at / "tree/sub/file", "content", false));
    if (const auto made = files.makeSymlink(0, (at / "tree/link").text(), "sub/file"); !made) {
      EXPECT_EQ(made.error().code(), ErrorCode::PlatformUnsupported);  // Windows
      TENON_CHECK(files.cloneOrLink(at / "tree/sub/file", at / "tree/link"));
    }
    return barrier.sync();
  };
  const auto look = [](const TempFolder& at) { return at.exists("tree/link") ? at.read("tree/link") : "<none>"; };
  EXPECT_EQ(outcomesAfter(act, look), (Outcomes{"content"}));
}

TEST_F(PowerCut, AMovedFolderIsInOneOfTwoPlaces) {
  const auto all = outcomesAfter(
      [](Files& files, const TempFolder& at) -> Result<void> {
        TENON_CHECK(files.makeFolders(at / "staging/new"));
        TENON_CHECK(files.makeFolders(at / "versions"));
        TENON_CHECK(files.syncFolder(at.path()));
        TENON_CHECK(files.syncFolder(at / "staging"));
        return files.renameNew(at / "staging/new", at / "versions/1.0.0");
      },
      [](const TempFolder& at) {
        return std::string(at.exists("staging/new") ? "staging " : "") + (at.exists("versions/1.0.0") ? "versions" : "");
      });
  EXPECT_EQ(all, (Outcomes{"staging ", "versions"}));
}

TEST_F(PowerCut, ARemovedTreeMayBePartlyThereUntilItsFolderIsSynced) {
  const auto remove = [](Files& files, const TempFolder& at) -> Result<void> {
    TENON_CHECK(files.makeFolders(at / "tree"));
    TENON_CHECK(write(files, at / "tree/1", "1", true));
    TENON_CHECK(write(files, at / "tree/2", "2", true));
    TENON_CHECK(files.syncFolder(at / "tree"));
    TENON_CHECK(files.syncFolder(at.path()));
    return files.removeTree(at / "tree");
  };
  const auto look = [](const TempFolder& at) {
    return std::string(at.exists("tree") ? "tree" : "") + (at.exists("tree/1") ? "1" : "") +
           (at.exists("tree/2") ? "2" : "");
  };
  EXPECT_EQ(outcomesAfter(remove, look), (Outcomes{"", "tree", "tree1", "tree2", "tree12"}));
}

TEST_F(PowerCut, ALinkedFileIsAsFragileAsACopy) {
  const auto all = outcomesAfter(
      [](Files& files, const TempFolder& at) -> Result<void> {
        TENON_CHECK(files.cloneOrLink(at / "current", at / "second"));
        return files.syncFolder(at.path());
      },
      [](const TempFolder& at) { return at.read("second"); });
  EXPECT_TRUE(all.contains(""));
  EXPECT_TRUE(all.contains("old"));
}

TEST_F(PowerCut, AppendedLinesMayBeLostFromTheEnd) {
  const auto all = outcomesAfter(
      [](Files& files, const TempFolder& at) -> Result<void> {
        TENON_TRY(auto file, WriteFile::create(files, 0, (at / "current").text(), {.append = true}));
        TENON_CHECK(file.append("+1"));
        TENON_CHECK(file.sync());
        return file.append("+2");
      },
      current);
  EXPECT_TRUE(all.contains("old+1"));
  EXPECT_TRUE(all.contains("old+1+2"));
  EXPECT_TRUE(all.contains("old+1+"));
  EXPECT_FALSE(all.contains("old"));
}

TEST_F(PowerCut, NamesInAnOpenFolderAreKnownAfterItsRename) {
  const auto all = outcomesAfter(
      [](Files& files, const TempFolder& at) -> Result<void> {
        TENON_CHECK(files.makeFolders(at / "before"));
        TENON_TRY(const auto open, OpenFolder::open(files, at / "before"));
        TENON_CHECK(files.renameNew(at / "before", at / "after"));
        TENON_CHECK(WriteFile::create(files, open.handle(), "file").map([](auto&&) {}));
        TENON_CHECK(files.syncFolder(at / "after"));
        return files.syncFolder(at.path());
      },
      [](const TempFolder& at) { return std::string(at.exists("after/file") ? "there" : "<none>"); });
  EXPECT_EQ(all, (Outcomes{"there"}));
}

TEST_F(PowerCut, AVariantIsAlwaysTheSame) {
  const TempFolder before;
  FakeFiles disk(*real_, before.path());
  for (int number = 0; number < 20; ++number) {
    ASSERT_TRUE(write(disk, before / std::to_string(number), "content", false));
  }
  const auto listing = [&] {
    const TempFolder after;
    disk.powerCut(after.path(), 17);
    std::string text;
    for (int number = 0; number < 20; ++number) {
      const std::string name = std::to_string(number);
      text += after.exists(name) ? after.read(name) + "|" : "-|";
    }
    return text;
  };
  EXPECT_EQ(listing(), listing());
}

}  // namespace tenon::host
