#include "host/contract/release/PackagePath.h"

#include <cctype>
#include <random>
#include <string>
#include <vector>

#include "host/base/Limits.h"
#include "tests/host/contract/Samples.h"

namespace tenon::host {
namespace {

using Kind = PackagePathSet::Kind;

void expectUnsafe(const std::vector<std::string>& paths, std::string_view inMessage) {
  for (const auto& path : paths) {
    expectRefused(checkPackagePath(path), ErrorCode::PathUnsafe, inMessage);
    // The same part deeper, at the front and at the end of a path.
    if (path.empty() || path.front() == '/') continue;
    EXPECT_FALSE(checkPackagePath("app/" + path)) << path;
    EXPECT_FALSE(checkPackagePath("app/" + path + "/x")) << path;
  }
}

TEST(PackagePath, AcceptsWhatRealPackagesHold) {
  for (const char* good : {"a",
                           "service.json",
                           "app/main.py",
                           "runtime/python/bin/python3.11",
                           ".hidden",
                           "..a",
                           "a..b",
                           "a b",
                           "a/.b/c",
                           "lib/libstdc++.so.6",
                           "node_modules/@scope/pkg/index.js",
                           "x (1).txt",
                           "it's",
                           "a;b",
                           "a=b,c",
                           "[x]",
                           "#",
                           "%2e%2e",
                           "~",
                           "$HOME",
                           "com10",
                           "com",
                           "nulls",
                           "console.log",
                           "lpt",
                           "conin",
                           "a.con",
                           "aux-1",
                           "models/\xe4\xb8\xad\xe6\x96\x87.bin",
                           "caf\xc3\xa9",
                           "\xf0\x9f\x98\x80.png",
                           "\xd9\x86\xd9\x85\xe2\x80\x8c.txt"}) {
    EXPECT_TRUE(checkPackagePath(good)) << good;
  }
}

TEST(PackagePath, Case26_RefusesPathsThatLeaveThePackage) {
  expectUnsafe({"..", ".", "../x", "a/../b", "a/./b", "a/.."}, "are no names");
  expectUnsafe({"/", "/abs", "//x", "/../x"}, "absolute");
  expectUnsafe({"a//b", "a/"}, "an empty part");
  expectUnsafe({""}, "an empty path");
  expectUnsafe({"C:\\x", "C:/x", "c:"}, "a colon");
  expectUnsafe({"\\", "a\\b", "..\\x", "\\\\server\\share"}, "a backslash");
}

TEST(PackagePath, Case31_RefusesNamesThatWindowsReadsAsSomethingElse) {
  expectUnsafe({"CON", "con", "nul.txt", "Aux.tar.gz", "PRN", "COM1", "com9.log", "LPT1", "lpt0", "COM\xc2\xb9",
                "com\xc2\xb2.x", "LPT\xc2\xb3", "CONIN$", "conout$", "CONOUT$.txt", "CLOCK$", "NUL .txt", "nul  "},
               "");
  expectUnsafe({"x.", "...", "a..", "x. ."}, "ends in a dot");
  expectUnsafe({"x ", " ", " x", "x. "}, "begins or ends with a space");
  expectUnsafe({"a:ads", "a:ads:$DATA", ":"}, "a colon");
  for (const char c : std::string_view("<>\"|?*"))
    expectUnsafe({std::string("a") + c + "b"}, std::string("Windows allows no ") + c);
}

TEST(PackagePath, Case33_RefusesControlBytesAndBadUtf8) {
  for (int byte = 0; byte < 0x20; ++byte)
    expectUnsafe({std::string("a") + static_cast<char>(byte) + "b"}, "a control character");
  expectUnsafe({"a\x7f"}, "a control character");
  expectUnsafe({"\xff", "a\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3", "\xf0\x9f\x98"},
               "not UTF-8");
  expectUnsafe({"a\xc2\x85", "a\xe2\x80\xa8",
                "a\xe2\x80\xae"
                "gpj.exe",
                "\xef\xbb\xbf"
                "a",
                "a\xe2\x80\x8b"},
               "a control, invisible or direction");
}

TEST(PackagePath, Case30_RefusesNamesThatAreNotComposed) {
  expectUnsafe({"cafe\xcc\x81", "\xe2\x84\xab", "\xe1\x84\x92\xe1\x85\xa1"}, "composed form");
  EXPECT_TRUE(checkPackagePath("\xed\x95\x98"));
}

TEST(PackagePath, Case42_RefusesPathsPastTheLimits) {
  const std::string part(limits::kPathPartBytes, 'a');
  EXPECT_TRUE(checkPackagePath(part));
  expectRefused(checkPackagePath(part + "a"), ErrorCode::PathUnsafe, "longer than 255");
  const std::string longest = part + "/" + part + "/" + part + "/" + part + "/";  // 1024
  ASSERT_EQ(longest.size(), limits::kPathBytes);
  EXPECT_TRUE(checkPackagePath(longest.substr(0, longest.size() - 1)));
  expectRefused(checkPackagePath(longest + "a"), ErrorCode::PathUnsafe, "longer than 1024");
  expectRefused(checkPackagePath(std::string(4096, 'a')), ErrorCode::PathUnsafe, "longer than 1024");
  std::string deep = "a";
  for (std::size_t i = 1; i < limits::kPathDepth; ++i) deep += "/a";
  EXPECT_TRUE(checkPackagePath(deep));
  expectRefused(checkPackagePath(deep + "/a"), ErrorCode::PathUnsafe, "deeper than 32");
}

TEST(PackagePath, ShowsBadNamesSafely) {
  EXPECT_EQ(shownName("a\x1b[31m\xff\n\xc2\x85z"), "a\\x1b[31m\\xff\\x0a\\xc2\\x85z");
  EXPECT_EQ(shownName("caf\xc3\xa9"), "caf\xc3\xa9");
  EXPECT_LT(shownName(std::string(5000, '\xff')).size(), 220U);
  const auto refused = checkPackagePath("a\x1b[2J");
  EXPECT_EQ(refused.error().message().find('\x1b'), std::string::npos);
}

TEST(SymlinkTarget, Case27_StaysInThePackage) {
  for (const auto& [path, target] : std::vector<std::pair<const char*, const char*>>{{"a", "b"},
                                                                                     {"a", "./b"},
                                                                                     {"x/a", "../b"},
                                                                                     {"x/a", ".."},
                                                                                     {"x/y/a", "../../b/c"},
                                                                                     {"bin/python", "python3.11"},
                                                                                     {"a", "."}}) {
    EXPECT_TRUE(checkSymlinkTarget(path, target)) << path << " -> " << target;
  }
  for (const auto& [path, target] : std::vector<std::pair<const char*, const char*>>{{"a", "/etc/passwd"},
                                                                                     {"a", ".."},
                                                                                     {"a", "../b"},
                                                                                     {"x/a", "../../b"},
                                                                                     {"x/a", "../../x/b"},
                                                                                     {"a", ""},
                                                                                     {"a", "b\\c"},
                                                                                     {"a", "C:/x"},
                                                                                     {"a", "C:x"},
                                                                                     {"a", "b//c"},
                                                                                     {"a", "b/"},
                                                                                     {"a", "nul"},
                                                                                     {"a", "b\n"},
                                                                                     {"a", "\xff"}}) {
    expectRefused(checkSymlinkTarget(path, target), ErrorCode::PathUnsafe, "link target");
  }
  expectRefused(checkSymlinkTarget("a", std::string(limits::kSymlinkTargetBytes + 1, 'a')), ErrorCode::PathUnsafe,
                "too long");
}

TEST(SymlinkTarget, Case28_CannotClimbThroughAnotherLink) {
  // With p/q/r/up -> ../../.. the lexical answer for this target would be "p/q", the real one outside.
  expectRefused(checkSymlinkTarget("a", "p/q/r/up/../.."), ErrorCode::PathUnsafe, "after a name");
}

struct NamePair {
  std::vector<std::pair<const char*, Kind>> names;  // the last one is refused
  const char* message;
};

TEST(PackagePathSet, Case29_30_32_RefusesNamesThatSomeFileSystemTakesForOne) {
  const NamePair cases[] = {
      {{{"a", Kind::File}, {"a", Kind::File}}, "listed twice"},
      {{{"a", Kind::Folder}, {"a", Kind::Folder}}, "listed twice"},
      {{{"A", Kind::File}, {"a", Kind::File}}, "only in case"},
      {{{"app/README", Kind::File}, {"app/b", Kind::File}, {"app/readme", Kind::File}}, "only in case"},
      {{{"A/x", Kind::File}, {"a/y", Kind::File}}, "only in case"},
      {{{"p/A/x", Kind::File}, {"p/b", Kind::File}, {"p/a/deep/y", Kind::File}}, "only in case"},
      {{{"a/y", Kind::File}, {"A", Kind::Folder}}, "only in case"},
      {{{"STRASSE", Kind::File},
        {"stra\xc3\x9f"
         "e",
         Kind::File}},
       "only in case"},
      {{{"\xc3\x89"
         "t\xc3\xa9",
         Kind::File},
        {"\xc3\xa9"
         "t\xc3\xa9",
         Kind::File}},
       "only in case"},
      {{{"\xe2\x84\xaa", Kind::File}, {"k", Kind::File}}, "only in case"},
      {{{"a\xe2\x80\x8d"
         "b",
         Kind::File},
        {"ab", Kind::File}},
       "only in case"},
      {{{"a", Kind::File}, {"a/b", Kind::File}}, "a file of that name"},
      {{{"a/b", Kind::File}, {"a", Kind::File}}, "a folder of that name"},
      {{{"a/b/c", Kind::File}, {"A", Kind::File}}, "a folder of that name"},
      {{{"A", Kind::File}, {"a.b", Kind::File}, {"a/b", Kind::File}}, "a file of that name"},
      {{{"a", Kind::File}, {"a", Kind::Folder}}, "a file of that name"},
      {{{"a", Kind::Folder}, {"a", Kind::File}}, "a folder of that name"},
  };
  for (const auto& each : cases) {
    PackagePathSet set;
    for (std::size_t i = 0; i + 1 < each.names.size(); ++i) {
      EXPECT_TRUE(set.add(each.names[i].first, each.names[i].second)) << each.names[i].first;
    }
    expectRefused(set.add(each.names.back().first, each.names.back().second), ErrorCode::PathUnsafe, each.message);
  }
}

// The rule once more, as slowly as it can be said.
bool clashes(const std::vector<std::string>& files, const std::string& added) {
  const auto fold = [](std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
  };
  const auto foldersOf = [](const std::string& path) {
    std::vector<std::string> folders;
    for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
      folders.push_back(path.substr(0, slash));
    return folders;
  };
  for (const auto& file : files) {
    if (fold(file) == fold(added)) return true;
    for (const auto& folder : foldersOf(file)) {
      if (fold(folder) == fold(added)) return true;
      for (const auto& ours : foldersOf(added)) {
        if (fold(folder) == fold(ours) && folder != ours) return true;
      }
    }
    for (const auto& ours : foldersOf(added)) {
      if (fold(ours) == fold(file)) return true;
    }
  }
  return false;
}

TEST(PackagePathSet, Case29_30_32_AgreesWithTheRuleInAnyOrder) {
  std::mt19937 random(20261124);
  for (int round = 0; round < 400; ++round) {
    PackagePathSet set;
    std::vector<std::string> files;
    for (int i = 0; i < 12; ++i) {
      std::string path;
      for (auto parts = 1 + random() % 3; parts > 0; --parts)
        path += (path.empty() ? "" : "/") + std::string(1, "aabbcdefAb."[random() % 10]);
      const bool expected = !clashes(files, path);
      const auto added = set.add(path, Kind::File);
      ASSERT_EQ(added.has_value(), expected) << round << ": " << path << " after " << testing::PrintToString(files);
      if (!added) break;  // a package that holds such names is refused as a whole
      files.push_back(path);
    }
  }
}

TEST(PackagePathSet, AcceptsNamesThatDiffer) {
  PackagePathSet set;
  for (const char* file : {"a", "b/c", "b/d", "b.c", "b/e/f", "B-/c", "c/b", "b2", "Lib/x", "Lib/y", "lib64/x", "Lib/z/w"}) {
    EXPECT_TRUE(set.add(file, Kind::File)) << file;
  }
  // A folder that was already there because of its files may still be listed, once.
  EXPECT_TRUE(set.add("b", Kind::Folder));
  EXPECT_TRUE(set.add("b/e", Kind::Folder));
  EXPECT_FALSE(set.add("b", Kind::Folder));
}

}  // namespace
}  // namespace tenon::host
