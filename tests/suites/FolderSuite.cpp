// Names: folders, links, listing, and the removal of trees.
#include <filesystem>

#include "tests/suites/PlatformAdapterSuite.h"

namespace tenon::host {

TEST_P(FileSuite, MakesAFolderOnceUnlessParentsAreAskedFor) {
  ASSERT_TRUE(files().makeFolder(0, (folder_ / "a").text(), {}));
  EXPECT_EQ(files().makeFolder(0, (folder_ / "a").text(), {}).error().code(), ErrorCode::AlreadyExists);
  EXPECT_TRUE(files().makeFolder(0, (folder_ / "a").text(), {.parents = true}));
  EXPECT_EQ(files().makeFolder(0, (folder_ / "x/y").text(), {}).error().code(), ErrorCode::NotFound);
  EXPECT_TRUE(files().makeFolders(folder_ / "x/y/z"));
  EXPECT_TRUE(folder_.exists("x/y/z"));
}

TEST_P(FileSuite, AFileInAFoldersPlaceIsAnError) {
  put(folder_ / "a", "");
  EXPECT_EQ(files().makeFolders(folder_ / "a").error().code(), ErrorCode::AlreadyExists);
  EXPECT_FALSE(files().makeFolders(folder_ / "a/b"));
  EXPECT_FALSE(OpenFolder::open(files(), folder_ / "a"));
}

TEST_P(FileSuite, AnOpenFolderHoldsItsNames) {
  ASSERT_TRUE(files().makeFolders(folder_ / "a"));
  const auto open = OpenFolder::open(files(), folder_ / "a");
  ASSERT_TRUE(open);
  ASSERT_TRUE(files().makeFolder(open->handle(), "sub", {}));
  const auto sub = OpenFolder::openIn(files(), open->handle(), "sub");
  ASSERT_TRUE(sub);
  auto file = WriteFile::create(files(), sub->handle(), "file");
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->append("x"));
  EXPECT_EQ(folder_.read("a/sub/file"), "x");
  if (!system().links) return;
  ASSERT_TRUE(files().makeSymlink(open->handle(), "link", "sub/file"));
  EXPECT_EQ(files().readSymlink(folder_ / "a/link").value_or(""), "sub/file");
}

TEST_P(FileSuite, AnOpenFolderTakesOneNameAndNoPath) {
  const auto open = OpenFolder::open(files(), folder_.path());
  ASSERT_TRUE(open);
  for (const std::string name : {"", ".", "..", "a/b", "../a", "/a"}) {
    EXPECT_EQ(files().create(open->handle(), name, {}).error().code(), ErrorCode::Usage) << name;
    EXPECT_FALSE(files().makeFolder(open->handle(), name, {.parents = true})) << name;
    EXPECT_FALSE(files().openFolder(open->handle(), name)) << name;
    EXPECT_FALSE(files().makeSymlink(open->handle(), name, "x")) << name;
  }
}

TEST_P(FileSuite, AnOpenFolderLeadsThroughNoLink) {
  TENON_NEEDS(links);
  ASSERT_TRUE(files().makeFolders(folder_ / "outside"));
  ASSERT_TRUE(files().makeFolders(folder_ / "inside"));
  ASSERT_TRUE(files().makeSymlink(0, (folder_ / "inside/link").text(), "../outside"));
  const auto inside = OpenFolder::open(files(), folder_ / "inside");
  ASSERT_TRUE(inside);
  EXPECT_FALSE(files().openFolder(inside->handle(), "link"));
  EXPECT_FALSE(files().makeFolder(inside->handle(), "link", {.parents = true}));
}

TEST_P(FileSuite, AnOpenFolderIsTheSameFolderAfterARename) {
  ASSERT_TRUE(files().makeFolders(folder_ / "before"));
  const auto open = OpenFolder::open(files(), folder_ / "before");
  ASSERT_TRUE(open);
  ASSERT_TRUE(files().renameNew(folder_ / "before", folder_ / "after"));
  EXPECT_TRUE(WriteFile::create(files(), open->handle(), "file"));
  EXPECT_TRUE(folder_.exists("after/file"));
}

TEST_P(FileSuite, InspectTellsWhatIsThere) {
  put(folder_ / "file", "12345");
  ASSERT_TRUE(files().makeFolders(folder_ / "folder"));
  std::filesystem::create_hard_link((folder_ / "file").text(), (folder_ / "second").text());
  const auto file = files().inspect(folder_ / "file");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->kind, FileKind::File);
  EXPECT_EQ(file->size, 5u);
  EXPECT_EQ(file->links, 2u);
  EXPECT_EQ(files().inspect(folder_ / "folder")->kind, FileKind::Folder);
  if (!system().links) return;
  ASSERT_TRUE(files().makeSymlink(0, (folder_ / "link").text(), "nowhere"));
  EXPECT_EQ(files().inspect(folder_ / "link")->kind, FileKind::Symlink);
}

TEST_P(FileSuite, NothingIsNotFound) {
  put(folder_ / "file", "");
  EXPECT_EQ(files().inspect(folder_ / "gone").error().code(), ErrorCode::NotFound);
  EXPECT_EQ(files().inspect(folder_ / "file/below").error().code(), ErrorCode::NotFound);
  EXPECT_EQ(files().list(folder_ / "gone").error().code(), ErrorCode::NotFound);
  EXPECT_EQ(files().readSymlink(folder_ / "gone").error().code(), ErrorCode::NotFound);
  EXPECT_EQ(files().freeSpace(folder_ / "gone").error().code(), ErrorCode::NotFound);
  EXPECT_EQ(files().syncFolder(folder_ / "gone").error().code(), ErrorCode::NotFound);
  EXPECT_FALSE(files().exists(folder_ / "gone"));
  EXPECT_TRUE(files().exists(folder_ / "file"));
}

TEST_P(FileSuite, ListsEveryEntryByName) {
  put(folder_ / "b", "");
  put(folder_ / ".hidden", "");
  ASSERT_TRUE(files().makeFolders(folder_ / "c"));
  const auto entries = files().list(folder_.path());
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 3u);
  EXPECT_EQ((*entries)[0].name, ".hidden");
  EXPECT_EQ((*entries)[1].kind, FileKind::File);
  EXPECT_EQ((*entries)[2].kind, FileKind::Folder);
}

TEST_P(FileSuite, ListsALinkAsALink) {
  TENON_NEEDS(links);
  put(folder_ / "b", "");
  ASSERT_TRUE(files().makeSymlink(0, (folder_ / "a").text(), "b"));
  const auto entries = files().list(folder_.path());
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ((*entries)[0].kind, FileKind::Symlink);
}

TEST_P(FileSuite, AMissingFileIsRemovedAlready) {
  EXPECT_TRUE(files().removeFile(folder_ / "gone"));
  EXPECT_TRUE(files().removeTree(folder_ / "gone"));
  EXPECT_TRUE(files().removeTree(folder_ / "gone/below"));
}

TEST_P(FileSuite, RemoveFileRemovesALinkAndNotItsTarget) {
  TENON_NEEDS(links);
  put(folder_ / "a", "precious");
  ASSERT_TRUE(files().makeSymlink(0, (folder_ / "link").text(), "a"));
  EXPECT_TRUE(files().removeFile(folder_ / "link"));
  EXPECT_EQ(folder_.read("a"), "precious");
}

TEST_P(FileSuite, RemoveFileRemovesAFileAndNoFolder) {
  put(folder_ / "a", "x");
  EXPECT_TRUE(files().removeFile(folder_ / "a"));
  EXPECT_FALSE(folder_.exists("a"));
  EXPECT_FALSE(files().removeFile(folder_.path()));
}

TEST_P(FileSuite, RemoveTreeTakesTheTreeAndFollowsNoLink) {
  put(folder_ / "precious", "precious");
  ASSERT_TRUE(files().makeFolders(folder_ / "outside"));
  put(folder_ / "outside/kept", "kept");
  ASSERT_TRUE(files().makeFolders(folder_ / "tree/a/b/c"));
  put(folder_ / "tree/a/file", "x");
  if (system().links) {
    ASSERT_TRUE(files().makeSymlink(0, (folder_ / "tree/a/link").text(), "../../outside"));
    ASSERT_TRUE(files().makeSymlink(0, (folder_ / "tree/other").text(), (folder_ / "precious").text()));
  }
  const auto removed = files().removeTree(folder_ / "tree");
  ASSERT_TRUE(removed) << removed.error().message();
  EXPECT_FALSE(folder_.exists("tree"));
  EXPECT_EQ(folder_.read("outside/kept"), "kept");
  EXPECT_EQ(folder_.read("precious"), "precious");
}

TEST_P(FileSuite, RemoveTreeOfALinkRemovesTheLink) {
  TENON_NEEDS(links);
  ASSERT_TRUE(files().makeFolders(folder_ / "outside"));
  put(folder_ / "outside/kept", "kept");
  ASSERT_TRUE(files().makeSymlink(0, (folder_ / "link").text(), "outside"));
  EXPECT_TRUE(files().removeTree(folder_ / "link"));
  EXPECT_FALSE(folder_.exists("link"));
  EXPECT_EQ(folder_.read("outside/kept"), "kept");
}

TEST_P(FileSuite, RemoveTreeIsStoppedByNoDepth) {
  constexpr int kDepth = 300;  // far past what is removed by recursion
  Files::Handle at = *files().openFolder(0, folder_.text());
  ASSERT_TRUE(files().makeFolder(at, "t", {}));
  for (int depth = 0; depth < kDepth; ++depth) {
    const auto below = files().openFolder(at, depth == 0 ? "t" : "d");
    ASSERT_TRUE(below);
    files().closeFolder(at);
    at = *below;
    ASSERT_TRUE(files().makeFolder(at, "d", {}));
    ASSERT_TRUE(WriteFile::create(files(), at, "f"));
  }
  files().closeFolder(at);
  const auto removed = files().removeTree(folder_ / "t");
  EXPECT_TRUE(removed) << removed.error().message();
  EXPECT_FALSE(folder_.exists("t"));
}

TEST_P(FileSuite, RemoveTreeOpensWhatItsOwnerHasClosed) {
  ASSERT_TRUE(files().makeFolders(folder_ / "tree/closed"));
  put(folder_ / "tree/closed/file", "");
  std::filesystem::permissions((folder_ / "tree/closed").text(), std::filesystem::perms::none);
  const auto removed = files().removeTree(folder_ / "tree");
  EXPECT_TRUE(removed) << removed.error().message();
  EXPECT_FALSE(folder_.exists("tree"));
}

TEST_P(FileSuite, TellsTheFreeSpace) {
  const auto space = files().freeSpace(folder_.path());
  ASSERT_TRUE(space);
  EXPECT_GT(*space, 0u);
}

}  // namespace tenon::host
