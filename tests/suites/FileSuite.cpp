// Content: what is written, read, made durable, locked and linked.
#include <array>
#include <filesystem>
#include <memory>

#include "tests/suites/PlatformAdapterSuite.h"

namespace tenon::host {

namespace {

constexpr std::uint64_t kMost = 1 << 20;

}  // namespace

TEST_P(FileSuite, WhatIsWrittenIsRead) {
  const Path path = folder_ / "a";
  auto file = WriteFile::create(files(), 0, path.text());
  ASSERT_TRUE(file) << file.error().message();
  ASSERT_TRUE(file->append("hello "));
  ASSERT_TRUE(file->append("world"));
  EXPECT_EQ(file->written(), 11u);
  file->writeBehind();
  ASSERT_TRUE(file->sync());
  EXPECT_EQ(files().readAll(path, kMost).value_or(""), "hello world");
}

TEST_P(FileSuite, ReadsAnyPartAndLessOnlyAtTheEnd) {
  put(folder_ / "a", "0123456789");
  const auto file = ReadFile::open(files(), folder_ / "a");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->size(), 10u);
  std::array<char, 4> part = {};
  ASSERT_TRUE(file->readExactly(3, part));
  EXPECT_EQ(std::string(part.data(), part.size()), "3456");
  EXPECT_EQ(file->read(8, part).value_or(99), 2u);
  EXPECT_EQ(file->read(10, part).value_or(99), 0u);
  const auto past = file->readExactly(8, part);
  ASSERT_FALSE(past);
  EXPECT_EQ(past.error().code(), ErrorCode::ContentMissing);
}

TEST_P(FileSuite, ReadAllRefusesMoreThanItsLimit) {
  put(folder_ / "a", "12345");
  EXPECT_TRUE(files().readAll(folder_ / "a", 5));
  const auto refused = files().readAll(folder_ / "a", 4);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::LimitExceeded);
}

TEST_P(FileSuite, WritesAtAnyOffset) {
  const auto file = files().create(0, (folder_ / "a").text(), {});
  ASSERT_TRUE(file);
  ASSERT_TRUE(files().write(*file, 5, "56789"));
  ASSERT_TRUE(files().write(*file, 0, "01234"));
  files().closeFile(*file);
  EXPECT_EQ(folder_.read("a"), "0123456789");
}

// Pieces that can go past the cache, then one that can't by its size, then one by where it begins.
TEST_P(FileSuite, WhatIsWrittenUncachedIsRead) {
  std::string content(5 * kUncachedAlignment, 'x');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>('a' + i % 23);
  struct alignas(kUncachedAlignment) Aligned {
    char bytes[2 * kUncachedAlignment];
  };
  const auto aligned = std::make_unique<Aligned>();
  content.copy(aligned->bytes, sizeof(aligned->bytes));
  auto file = WriteFile::create(files(), 0, (folder_ / "a").text(), {.uncached = true});
  ASSERT_TRUE(file) << file.error().message();
  ASSERT_TRUE(file->append({aligned->bytes, sizeof(aligned->bytes)}));
  const std::string_view rest = std::string_view(content).substr(sizeof(aligned->bytes));
  ASSERT_TRUE(file->append(rest.substr(0, 100)));
  ASSERT_TRUE(file->append(rest.substr(100)));
  ASSERT_TRUE(file->sync());
  EXPECT_TRUE(folder_.read("a") == content);
}

TEST_P(FileSuite, CreateNeverOverwrites) {
  put(folder_ / "a", "old");
  const auto again = WriteFile::create(files(), 0, (folder_ / "a").text());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), ErrorCode::AlreadyExists);
  EXPECT_NE(again.error().message().find((folder_ / "a").text()), std::string::npos);
  EXPECT_EQ(folder_.read("a"), "old");
}

TEST_P(FileSuite, CreateNeverFollowsALink) {
  TENON_NEEDS(links);
  std::filesystem::create_symlink((folder_ / "target").text(), (folder_ / "link").text());
  EXPECT_FALSE(WriteFile::create(files(), 0, (folder_ / "link").text()));
  EXPECT_FALSE(WriteFile::create(files(), 0, (folder_ / "link").text(), {.append = true}));
  EXPECT_FALSE(folder_.exists("target"));
}

TEST_P(FileSuite, AppendGoesToTheEndOfWhatIsThere) {
  put(folder_ / "log", "one\n", {.append = true});
  put(folder_ / "log", "two\n", {.append = true});
  EXPECT_EQ(folder_.read("log"), "one\ntwo\n");
}

TEST_P(FileSuite, ModesAreThoseAskedFor) {
  TENON_NEEDS(modes);
  put(folder_ / "plain", "");
  put(folder_ / "program", "", {.executable = true});
  put(folder_ / "secret", "", {.ownerOnly = true});
  EXPECT_FALSE(files().inspect(folder_ / "plain")->executable);
  EXPECT_TRUE(files().inspect(folder_ / "program")->executable);
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status((folder_ / "secret").text()).permissions() & (perms::group_all | perms::others_all),
            perms::none);
}

TEST_P(FileSuite, AMissingFileIsNotFoundAndAFolderIsNoFile) {
  const auto missing = ReadFile::open(files(), folder_ / "gone");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::NotFound);
  EXPECT_EQ(missing.error().message(), "open " + (folder_ / "gone").text() + ": " + system().nothingThere);
  EXPECT_FALSE(ReadFile::open(files(), folder_.path()));
}

TEST_P(FileSuite, ALinkIsNotOpenedForReading) {
  TENON_NEEDS(links);
  put(folder_ / "a", "x");
  ASSERT_TRUE(files().makeSymlink(0, (folder_ / "link").text(), "a"));
  const auto opened = ReadFile::open(files(), folder_ / "link");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), ErrorCode::Denied);
}

TEST_P(FileSuite, AHandleThatIsClosedIsNoHandle) {
  const auto file = files().create(0, (folder_ / "a").text(), {});
  ASSERT_TRUE(file);
  files().closeFile(*file);
  files().closeFile(*file);
  const auto written = files().write(*file, 0, "x");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code(), ErrorCode::Usage);
  EXPECT_FALSE(files().syncFile(*file));
}

TEST_P(FileSuite, RefusesPathsThatAreNone) {
  for (const auto& path : {std::string("relative"), std::string(), std::string("/a\0b", 4)}) {
    const auto made = files().create(0, path, {});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code(), ErrorCode::Usage);
  }
}

TEST_P(FileSuite, ReplacePutsOneFileInTheOthersPlace) {
  put(folder_ / "new", "new");
  put(folder_ / "current", "old");
  ASSERT_TRUE(files().replace(folder_ / "new", folder_ / "current"));
  EXPECT_EQ(folder_.read("current"), "new");
  EXPECT_FALSE(folder_.exists("new"));
  EXPECT_TRUE(files().syncFolder(folder_.path()));
}

TEST_P(FileSuite, ReplaceOfNothingIsNotFound) {
  const auto replaced = files().replace(folder_ / "gone", folder_ / "current");
  ASSERT_FALSE(replaced);
  EXPECT_EQ(replaced.error().code(), ErrorCode::NotFound);
}

TEST_P(FileSuite, RenameNewMovesFilesAndFoldersButReplacesNone) {
  put(folder_ / "a", "a");
  put(folder_ / "b", "b");
  const auto refused = files().renameNew(folder_ / "a", folder_ / "b");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::AlreadyExists);
  EXPECT_EQ(folder_.read("b"), "b");
  EXPECT_TRUE(files().renameNew(folder_ / "a", folder_ / "c"));
  EXPECT_EQ(folder_.read("c"), "a");

  ASSERT_TRUE(files().makeFolders(folder_ / "tree/deep"));
  ASSERT_TRUE(files().makeFolders(folder_ / "empty"));
  EXPECT_EQ(files().renameNew(folder_ / "tree", folder_ / "empty").error().code(), ErrorCode::AlreadyExists);
  EXPECT_TRUE(files().renameNew(folder_ / "tree", folder_ / "tree2"));
  EXPECT_TRUE(folder_.exists("tree2/deep"));
}

TEST_P(FileSuite, OneBarrierCoversManyFiles) {
  auto barrier = Barrier::open(files(), folder_.path());
  ASSERT_TRUE(barrier) << barrier.error().message();
  for (int number = 0; number < 10; ++number) put(folder_ / std::to_string(number), "content");
  EXPECT_TRUE(barrier->sync());
  EXPECT_TRUE(barrier->sync());
}

TEST_P(FileSuite, ABarrierNeedsAFolder) {
  EXPECT_EQ(Barrier::open(files(), folder_ / "gone").error().code(), ErrorCode::NotFound);
  EXPECT_FALSE(files().barrierSync(12345));
}

TEST_P(FileSuite, ALockIsExclusiveWithinAProcess) {
  const Path path = folder_ / "lock";
  auto held = FileLock::acquire(files(), path);
  ASSERT_TRUE(held) << held.error().message();
  const auto second = FileLock::acquire(files(), path);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::Busy);
  { const FileLock last = *std::move(held); }
  EXPECT_TRUE(FileLock::acquire(files(), path));
  EXPECT_TRUE(folder_.exists("lock"));
}

TEST_P(FileSuite, Case60ALockIsExclusiveBetweenProcessesAndFreedByTheHoldersDeath) {
  const Path path = folder_ / "lock";
  {
    const auto held = FileLock::acquire(files(), path);
    ASSERT_TRUE(held);
    EXPECT_EQ(runAgent({"lock", path.text()}), "busy");
  }
  EXPECT_EQ(runAgent({"lock", path.text()}), "locked");  // and that process is gone now, without an unlock
  EXPECT_TRUE(FileLock::acquire(files(), path));
}

TEST_P(FileSuite, Case61ALinkInTheLocksPlaceIsDenied) {
  TENON_NEEDS(links);
  put(folder_ / "a", "precious");
  ASSERT_TRUE(files().makeSymlink(0, (folder_ / "lock").text(), "a"));
  const auto locked = FileLock::acquire(files(), folder_ / "lock");
  ASSERT_FALSE(locked);
  EXPECT_EQ(locked.error().code(), ErrorCode::Denied);
}

TEST_P(FileSuite, AFolderIsNoLock) {
  ASSERT_TRUE(files().makeFolders(folder_ / "folder"));
  EXPECT_FALSE(FileLock::acquire(files(), folder_ / "folder"));
}

TEST_P(FileSuite, CloneOrLinkGivesTheContentASecondName) {
  put(folder_ / "a", "content", {.executable = true});
  const auto linked = files().cloneOrLink(folder_ / "a", folder_ / "b");
  ASSERT_TRUE(linked) << linked.error().message();
  EXPECT_EQ(folder_.read("b"), "content");
  EXPECT_TRUE(files().inspect(folder_ / "b")->executable);
  ASSERT_TRUE(files().removeFile(folder_ / "a"));
  EXPECT_EQ(folder_.read("b"), "content");
}

TEST_P(FileSuite, CloneOrLinkOverwritesNothing) {
  put(folder_ / "a", "a");
  put(folder_ / "b", "b");
  EXPECT_EQ(files().cloneOrLink(folder_ / "a", folder_ / "b").error().code(), ErrorCode::AlreadyExists);
  EXPECT_EQ(folder_.read("b"), "b");
  EXPECT_EQ(files().cloneOrLink(folder_ / "gone", folder_ / "c").error().code(), ErrorCode::NotFound);
  EXPECT_FALSE(folder_.exists("c"));
}

TEST_P(FileSuite, CloneOrLinkFollowsNoLink) {
  TENON_NEEDS(links);
  put(folder_ / "a", "a");
  ASSERT_TRUE(files().makeSymlink(0, (folder_ / "link").text(), "a"));
  EXPECT_EQ(files().cloneOrLink(folder_ / "link", folder_ / "c").error().code(), ErrorCode::Denied);
  EXPECT_FALSE(folder_.exists("c"));
}

// ---- libraries ----

TEST_P(FileSuite, WhatIsSealedIsWhatItWas) {
  const Path library = folder_ / "library";
  put(library, "looked at");
  const auto sealed = files().seal(library);
  ASSERT_TRUE(sealed) << sealed.error().message();
  EXPECT_EQ(sealed->size, 9u);
  // Where the system lets either happen at all.
  (void)writeAtomically(files(), library, "another");
  if (auto file = WriteFile::create(files(), 0, library.text(), {.append = true})) (void)file->append("more");
  std::string bytes(99, '?');
  EXPECT_EQ(files().read(sealed->handle, 0, bytes).value(), 9u);
  EXPECT_EQ(bytes.substr(0, 9), "looked at");
  EXPECT_EQ(files().readAll(Path(sealed->loadedBy), 99).value_or("looked at"), "looked at");  // Linux: itself a link
  EXPECT_FALSE(files().write(sealed->handle, 0, "x"));
  files().closeFile(sealed->handle);
  EXPECT_FALSE(files().read(sealed->handle, 0, bytes));
  ASSERT_TRUE(writeAtomically(files(), library, "free again"));
}

TEST_P(FileSuite, OnlyAFileIsSealed) {
  EXPECT_EQ(files().seal(folder_ / "gone").error().code(), ErrorCode::NotFound);
  EXPECT_FALSE(files().seal(folder_.path()));
  TENON_NEEDS(links);
  put(folder_ / "a", "a");
  ASSERT_TRUE(files().makeSymlink(0, (folder_ / "link").text(), "a"));
  EXPECT_EQ(files().seal(folder_ / "link").error().code(), ErrorCode::Denied);
}

// ---- the front of a log ----

TEST_P(FileSuite, ALogLosesItsFrontWhileItIsWritten) {
  TENON_NEEDS(cutsFronts);
  const Path log = folder_ / "log";
  put(log, std::string(kFrontStep, 'a') + std::string(kFrontStep, 'b') + "c");
  auto service = WriteFile::create(files(), 0, log.text(), {.append = true});
  ASSERT_TRUE(service);
  EXPECT_EQ(files().firstData(log).value_or(99), 0u);
  ASSERT_TRUE(files().emptyFront(log, kFrontStep));
  EXPECT_EQ(files().firstData(log).value_or(99), kFrontStep);
  EXPECT_EQ(folder_.read("log"), std::string(kFrontStep, '\0') + std::string(kFrontStep, 'b') + "c");
  ASSERT_TRUE(service->append("d"));
  const auto cut = files().cutFront(log, kFrontStep);
  const bool moved = cut.has_value();  // or the file system only knows how to empty, and says so
  if (!moved) {
    EXPECT_EQ(cut.error().code(), ErrorCode::PlatformUnsupported) << cut.error().message();
  }
  EXPECT_EQ(files().firstData(log).value_or(99), moved ? 0u : kFrontStep);
  ASSERT_TRUE(service->append("e"));
  EXPECT_EQ(folder_.read("log").substr(moved ? 0 : kFrontStep), std::string(kFrontStep, 'b') + "cde");
}

TEST_P(FileSuite, OnlyWholeStepsOfAFrontGoAndNeverAll) {
  TENON_NEEDS(cutsFronts);
  const Path log = folder_ / "log";
  const std::string content(2 * kFrontStep, 'a');
  put(log, content);
  for (const std::uint64_t bytes : {std::uint64_t{0}, kFrontStep - 1, 2 * kFrontStep, 3 * kFrontStep}) {
    EXPECT_FALSE(files().emptyFront(log, bytes)) << bytes;
    EXPECT_FALSE(files().cutFront(log, bytes)) << bytes;
  }
  EXPECT_TRUE(folder_.read("log") == content);
  EXPECT_EQ(files().firstData(folder_ / "gone").error().code(), ErrorCode::NotFound);
}

TEST_P(FileSuite, AFrontThatCannotGoIsToldAndStays) {
  if (system().cutsFronts) GTEST_SKIP() << "this system can";
  const Path log = folder_ / "log";
  const std::string content(2 * kFrontStep, 'a');
  put(log, content);
  ASSERT_FALSE(files().emptyFront(log, kFrontStep));
  EXPECT_EQ(files().emptyFront(log, kFrontStep).error().code(), ErrorCode::PlatformUnsupported);
  EXPECT_EQ(files().cutFront(log, kFrontStep).error().code(), ErrorCode::PlatformUnsupported);
  EXPECT_EQ(files().firstData(log).value_or(99), 0u);
  EXPECT_TRUE(folder_.read("log") == content);
}

}  // namespace tenon::host
