// What is true of the files of Windows alone: names, sharing, length of paths.
#include <aclapi.h>
#include <sddl.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <future>
#include <thread>

#include "platform/windows/Handle.h"
#include "platform/windows/Wide.h"
#include "platform/windows/file/NativePath.h"
#include "platform/windows/file/OwnerOnly.h"
#include "tests/platform/windows/WindowsAdapters.h"

namespace tenon::host {

namespace {

constexpr std::uint64_t kMostBytes = 1 << 20;

// As another program holds a file: others may read it, but not replace or remove it.
platform::Handle holdLikeAScanner(const Path& path) {
  platform::NativePath native;
  checkPath(path.text(), native);
  return platform::Handle(
      ::CreateFileW(native.wide.c_str(), GENERIC_READ, FILE_SHARE_READ, nullptr, OPEN_EXISTING, 0, nullptr));
}

std::wstring accessListOf(const Path& path) {
  std::wstring wide = *platform::toWide(path.text());
  std::replace(wide.begin(), wide.end(), L'/', L'\\');
  PSECURITY_DESCRIPTOR found = nullptr;
  constexpr SECURITY_INFORMATION kList = DACL_SECURITY_INFORMATION;
  ::GetNamedSecurityInfoW(wide.data(), SE_FILE_OBJECT, kList, nullptr, nullptr, nullptr, nullptr, &found);
  wchar_t* text = nullptr;
  ::ConvertSecurityDescriptorToStringSecurityDescriptorW(found, SDDL_REVISION_1, kList, &text, nullptr);
  std::wstring list = text ? text : L"";
  ::LocalFree(text);
  ::LocalFree(found);
  return list;
}

bool letsOthersIn(const std::wstring& list) {
  return list.empty() || list.find(L";WD)") != std::wstring::npos || list.find(L";BU)") != std::wstring::npos;
}

std::vector<std::byte> sidOf(WELL_KNOWN_SID_TYPE kind) {
  std::vector<std::byte> sid(SECURITY_MAX_SID_SIZE);
  auto bytes = static_cast<DWORD>(sid.size());
  EXPECT_TRUE(::CreateWellKnownSid(kind, nullptr, sid.data(), &bytes));
  return sid;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Windows, WindowsFiles, testing::Values(linkedInAdapter(), libraryAdapter()), nameOfAdapter);

TEST_P(WindowsFiles, ProgramsAreCopiedSinceOneThatRunsGivesUpNoneOfItsNames) {
  put(folder_ / "text", "plain");
  put(folder_ / "program.exe", "MZ and so on");
  ASSERT_TRUE(files().cloneOrLink(folder_ / "text", folder_ / "second"));
  ASSERT_TRUE(files().cloneOrLink(folder_ / "program.exe", folder_ / "second.exe"));
  EXPECT_EQ(files().inspect(folder_ / "second")->links, 2u);
  EXPECT_EQ(files().inspect(folder_ / "second.exe")->links, 1u);
  EXPECT_EQ(files().readAll(folder_ / "second.exe", kMostBytes).value_or(""), "MZ and so on");
  EXPECT_EQ(files().cloneOrLink(folder_ / "program.exe", folder_ / "second.exe").error().code(), ErrorCode::AlreadyExists);
}

TEST_P(WindowsFiles, PathsFarPastTwoHundredAndSixtyCharactersWork) {
  Path deep = folder_ / "long";
  for (int depth = 0; depth < 10; ++depth) deep = deep / std::string(100, static_cast<char>('a' + depth));
  ASSERT_GT(deep.text().size(), 1000u);
  ASSERT_TRUE(files().makeFolders(deep));
  put(deep / "file", "content");
  EXPECT_EQ(files().readAll(deep / "file", kMostBytes).value_or(""), "content");
  put(deep / "new", "new");
  EXPECT_TRUE(files().replace(deep / "new", deep / "file"));
  EXPECT_TRUE(files().renameNew(deep / "file", deep / "other"));
  EXPECT_TRUE(files().cloneOrLink(deep / "other", deep / "second"));
  EXPECT_EQ(files().inspect(deep / "second")->links, 2u);
  EXPECT_EQ(files().list(deep)->size(), 2u);
  EXPECT_TRUE(files().syncFolder(deep));
  EXPECT_TRUE(files().freeSpace(deep));
  EXPECT_TRUE(FileLock::acquire(files(), deep / "lock"));
  const auto removed = files().removeTree(folder_ / "long");
  EXPECT_TRUE(removed) << removed.error().message();
  EXPECT_FALSE(files().exists(folder_ / "long"));
}

// As the kernel counts, in 16 bits of bytes, such a name is that of its own beginning.
TEST_P(WindowsFiles, ANameThatIsTooLongForTheKernelNamesNoOtherFile) {
  constexpr std::size_t kWrapsAt = 32768;
  platform::NativePath native;
  ASSERT_FALSE(checkPath(folder_.write("current", "old").text(), native));
  native.wide += std::wstring(kWrapsAt, L'x');
  platform::Handle opened;
  EXPECT_EQ(openAt(native, {DELETE, FILE_OPEN, 0}, opened), DWORD{ERROR_FILENAME_EXCED_RANGE});
  EXPECT_FALSE(opened);
}

TEST_P(WindowsFiles, NamesInEveryScriptAreKept) {
  const std::string chinese = "\xE7\xBF\xBB\xE8\xAF\x91 \xE6\xA8\xA1\xE5\x9E\x8B", earth = "\xF0\x9F\x8C\x8D.txt";
  ASSERT_TRUE(files().makeFolders(folder_ / chinese));
  put(folder_ / chinese / earth, "x");
  const auto entries = files().list(folder_ / chinese);
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 1u);
  EXPECT_EQ((*entries)[0].name, earth);
  EXPECT_EQ(files().list(folder_.path())->at(0).name, chinese);
  EXPECT_TRUE(files().removeTree(folder_ / chinese));
  EXPECT_FALSE(files().exists(folder_ / chinese));
}

TEST_P(WindowsFiles, NamesOfDevicesAndStreamsAreRefused) {
  const auto open = OpenFolder::open(files(), folder_.path());
  ASSERT_TRUE(open);
  for (const std::string name : {"con", "nul.txt", "COM1", "dot.", "space ", "file:stream", "a?b"}) {
    for (const auto& made : {files().create(0, (folder_ / name).text(), {}), files().create(open->handle(), name, {})}) {
      ASSERT_FALSE(made) << name;
      EXPECT_EQ(made.error().code(), ErrorCode::PathUnsafe) << name;
    }
    EXPECT_EQ(files().makeFolders(folder_ / name / "below").error().code(), ErrorCode::PathUnsafe) << name;
  }
  EXPECT_TRUE(files().list(folder_.path())->empty());
}

TEST_P(WindowsFiles, BackslashesAreRefusedWithAHint) {
  const auto made = files().create(0, "C:\\a\\b", {});
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().hint().find("/"), std::string::npos);
}

TEST_P(WindowsFiles, SymbolicLinksAreRefusedByName) {
  const auto made = files().makeSymlink(0, (folder_ / "link").text(), "target");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), ErrorCode::PlatformUnsupported);
  EXPECT_NE(made.error().message().find((folder_ / "link").text()), std::string::npos);
  EXPECT_FALSE(files().exists(folder_ / "link"));
}

TEST_P(WindowsFiles, NamesThatDifferInCaseAreOne) {
  put(folder_ / "Name", "x");
  EXPECT_EQ(files().create(0, (folder_ / "NAME").text(), {}).error().code(), ErrorCode::AlreadyExists);
  EXPECT_EQ(files().readAll(folder_ / "nAME", kMostBytes).value_or(""), "x");
}

TEST_P(WindowsFiles, ReplaceWaitsForAScannerToLetGo) {
  // Long enough that the first attempt has met the holder, and one without patience would have failed by then.
  constexpr std::chrono::milliseconds kHeld(400);
  for (int round = 0; round < 3; ++round) {
    folder_.write("current", "old");
    folder_.write("new", "new");
    auto held = holdLikeAScanner(folder_ / "current");
    ASSERT_TRUE(held);
    Result<void> replaced;
    std::promise<void> begun;
    std::atomic<bool> ended = false;
    std::thread replacing([&] {
      begun.set_value();
      replaced = files().replace(folder_ / "new", folder_ / "current");
      ended = true;
    });
    begun.get_future().wait();
    std::this_thread::sleep_for(kHeld);
    EXPECT_FALSE(ended) << "it did not wait for the holder";
    held.reset();
    replacing.join();
    ASSERT_TRUE(replaced) << replaced.error().message();
    EXPECT_EQ(folder_.read("current"), "new");
  }
}

TEST_P(WindowsFiles, ReplaceUnderAHolderThatStaysIsBusyAndChangesNothing) {
  folder_.write("current", "old");
  folder_.write("new", "new");
  const auto held = holdLikeAScanner(folder_ / "current");
  const auto replaced = files().replace(folder_ / "new", folder_ / "current");
  ASSERT_FALSE(replaced);
  EXPECT_EQ(replaced.error().code(), ErrorCode::Busy) << replaced.error().message();
  EXPECT_FALSE(replaced.error().hint().empty());
  EXPECT_EQ(folder_.read("current"), "old");
  EXPECT_EQ(folder_.read("new"), "new");
}

// Windows 10 lets our own reader keep the old content; where it can't (an older file system, Wine 8), replacing is "busy".
TEST_P(WindowsFiles, OurOwnReaderSeesOneContentWhateverIsPutInItsPlace) {
  folder_.write("current", "old");
  folder_.write("new", "new");
  const auto reader = ReadFile::open(files(), folder_ / "current");
  ASSERT_TRUE(reader);
  const auto replaced = files().replace(folder_ / "new", folder_ / "current");
  std::string content(3, '\0');
  EXPECT_TRUE(reader->readExactly(0, content));
  EXPECT_EQ(content, "old");
  if (!replaced) {
    EXPECT_EQ(replaced.error().code(), ErrorCode::Busy) << replaced.error().message();
  }
  EXPECT_EQ(folder_.read("current"), replaced ? "new" : "old");
  RecordProperty("replaced", replaced ? "yes" : "no");
}

TEST_P(WindowsFiles, AReadOnlyFileIsRemovedAndAReadOnlyTargetIsNamed) {
  const Path path = folder_.write("a", "x");
  const std::wstring wide = *platform::toWide(path.text());
  ::SetFileAttributesW(wide.c_str(), FILE_ATTRIBUTE_READONLY);
  folder_.write("new", "new");
  const auto replaced = files().replace(folder_ / "new", path);
  if (!replaced) {
    EXPECT_EQ(replaced.error().code(), ErrorCode::Denied);
    EXPECT_NE(replaced.error().hint().find("read-only"), std::string::npos);
  }
  EXPECT_TRUE(files().removeFile(path));
  EXPECT_FALSE(folder_.exists("a"));
}

TEST_P(WindowsFiles, AFullDiskIsToldAsSuch) {
  const Path disk(TENON_SMALL_DISK);
  if (!files().exists(disk / "is-small")) GTEST_SKIP() << "no small disk is mounted here";
  const Path path = disk / "filler";
  ASSERT_TRUE(files().removeFile(path));  // of a run that was ended
  const auto fill = [&]() -> Result<void> {
    TENON_TRY(auto file, WriteFile::create(files(), 0, path.text()));
    const std::string block(8 << 20, 'x');
    for (int times = 0; times < 16; ++times) TENON_CHECK(file.append(block));
    return {};
  };
  const auto written = fill();
  EXPECT_TRUE(files().removeFile(path));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code(), ErrorCode::DiskFull) << written.error().message();
  EXPECT_FALSE(written.error().hint().empty());
  EXPECT_TRUE(files().makeFolders(disk / "again")) << "there is room again";
  EXPECT_TRUE(files().removeTree(disk / "again"));
}

TEST_P(WindowsFiles, Case65CloneOrLinkCopiesFromOneDiskToAnother) {
  const Path disk(TENON_SMALL_DISK);
  if (!files().exists(disk / "is-small")) GTEST_SKIP() << "no small disk is mounted here";
  ASSERT_TRUE(files().removeTree(disk / "copies"));  // of a run that was ended
  ASSERT_TRUE(files().makeFolders(disk / "copies"));
  put(folder_ / "a", "content");
  ASSERT_TRUE(files().cloneOrLink(folder_ / "a", disk / "copies/b"));
  EXPECT_EQ(files().readAll(disk / "copies/b", kMostBytes).value_or(""), "content");
  ASSERT_TRUE(files().removeFile(folder_ / "a"));
  EXPECT_EQ(files().readAll(disk / "copies/b", kMostBytes).value_or(""), "content") << "a copy of its own";
  EXPECT_TRUE(files().removeTree(disk / "copies"));
}

TEST_P(WindowsFiles, WhatIsForItsOwnerHasAnAccessListOfItsOwn) {
  put(folder_ / "secret", "x", {.ownerOnly = true});
  EXPECT_EQ(files().readAll(folder_ / "secret", kMostBytes).value_or(""), "x");
  EXPECT_FALSE(letsOthersIn(accessListOf(folder_ / "secret"))) << platform::toUtf8(accessListOf(folder_ / "secret"));
  put(folder_ / "public", "x");
  EXPECT_TRUE(letsOthersIn(accessListOf(folder_ / "public"))) << "nothing to tell it from";
  ASSERT_TRUE(files().makeFolder(0, (folder_ / "private").text(), {.ownerOnly = true}));
  EXPECT_FALSE(letsOthersIn(accessListOf(folder_ / "private")));
  put(folder_ / "private/a", "y");
  EXPECT_EQ(folder_.read("private/a"), "y");
}

// As text: Wine tells what a file's mode lets others do as rights of everybody (WD), Windows that of users (BU) as well.
TEST_P(WindowsFiles, AFolderThatIsShutIsItsOwnersFromNowOnAndThoseAboveStayAsTheyAre) {
  const Path shut = folder_ / "above/shut";
  ASSERT_TRUE(files().makeFolders(shut));
  const std::wstring above = accessListOf(folder_ / "above");
  ASSERT_TRUE(letsOthersIn(accessListOf(shut))) << "nothing to take away";
  put(shut / "inside", "kept");
  for (int again = 0; again < 2; ++again) {
    const auto made = files().makePrivateFolders(shut);
    ASSERT_TRUE(made) << made.error().message();
    EXPECT_FALSE(letsOthersIn(accessListOf(shut))) << platform::toUtf8(accessListOf(shut));
  }
  EXPECT_EQ(accessListOf(folder_ / "above"), above);
  EXPECT_EQ(files().readAll(shut / "inside", kMostBytes).value_or(""), "kept");
  put(shut / "new", "x");
  EXPECT_TRUE(files().makePrivateFolders(shut / "deeper/still"));
}

TEST_P(WindowsFiles, AFolderThatIsNotShutKeepsItsAccessList) {
  ASSERT_TRUE(files().makeFolders(folder_ / "open"));
  const std::wstring before = accessListOf(folder_ / "open");
  ASSERT_TRUE(files().makeFolders(folder_ / "open"));
  ASSERT_TRUE(files().makeFolder(0, (folder_ / "open").text(), {.parents = true, .ownerOnly = true}));
  EXPECT_EQ(accessListOf(folder_ / "open"), before);
}

// No owner but its own can be given to a folder under Wine.
TEST(OwnerOnlyFolders, WhatSomebodyElseOwnsIsNotTrusted) {
  const platform::OwnerOnly ownerOnly;
  ASSERT_TRUE(ownerOnly.descriptor());
  for (const auto kind : {WinLocalSystemSid, WinBuiltinAdministratorsSid}) {
    EXPECT_TRUE(ownerOnly.trusts(sidOf(kind).data())) << kind;
  }
  for (const auto kind :
       {WinBuiltinUsersSid, WinWorldSid, WinAuthenticatedUserSid, WinLocalServiceSid, WinCreatorOwnerSid}) {
    EXPECT_FALSE(ownerOnly.trusts(sidOf(kind).data())) << kind;
  }
}

TEST_P(WindowsFiles, ALockDoesNotKeepOthersFromReading) {
  folder_.write("lock", "who holds it");
  const auto held = FileLock::acquire(files(), folder_ / "lock");
  ASSERT_TRUE(held);
  EXPECT_EQ(folder_.read("lock"), "who holds it");
}

TEST_P(WindowsFiles, TheRootOfADriveIsAFolder) {
  const Path root("C:/");
  EXPECT_EQ(root.text(), "C:");
  EXPECT_EQ(files().inspect(root)->kind, FileKind::Folder);
  EXPECT_FALSE(files().list(root)->empty());
  EXPECT_TRUE(files().makeFolders(root));
  EXPECT_TRUE(files().makeFolders(folder_ / "x"));
}

}  // namespace tenon::host
