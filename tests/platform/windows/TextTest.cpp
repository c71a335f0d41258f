// The texts that Windows takes in the place of lists: command lines, environments, paths.
#include <gtest/gtest.h>

#include "platform/windows/Fault.h"
#include "platform/windows/Wide.h"
#include "platform/windows/file/NativePath.h"
#include "platform/windows/process/CommandLine.h"
#include "platform/windows/process/Environment.h"

#include <shellapi.h>

namespace tenon::platform {

namespace {

std::vector<std::string> parsedBack(const std::wstring& line) {
  int count = 0;
  wchar_t** values = ::CommandLineToArgvW(line.c_str(), &count);
  std::vector<std::string> argv;
  for (int at = 0; at < count; ++at) argv.push_back(toUtf8(values[at]));
  ::LocalFree(values);
  return argv;
}

std::vector<std::string> entriesOf(const std::wstring& block) {
  std::vector<std::string> entries;
  for (std::size_t at = 0; block[at] != L'\0'; at += std::wstring_view(block.c_str() + at).size() + 1) {
    entries.push_back(toUtf8(block.c_str() + at));
  }
  return entries;
}

std::wstring wideOf(std::string_view path) {
  NativePath native;
  const auto fault = checkPath(path, native);
  EXPECT_FALSE(fault) << path << ": " << fault->message;
  return native.wide;
}

std::string refusalOf(std::string_view path) {
  NativePath native;
  const auto fault = checkPath(path, native);
  return fault ? (fault->name.empty() ? fault->field : fault->name) : "accepted";
}

}  // namespace

TEST(CommandLine, EveryShortArgumentIsReadBackAsItWas) {
  const std::string alphabet[] = {"a", " ", "\"", "\\", "\t", "\xC3\xA9"};
  constexpr unsigned kLetters = 6, kLongest = 5;
  for (unsigned length = 0; length <= kLongest; ++length) {
    unsigned shapes = 1;
    for (unsigned at = 0; at < length; ++at) shapes *= kLetters;
    for (unsigned shape = 0; shape < shapes; ++shape) {
      std::string argument;
      for (unsigned at = 0, rest = shape; at < length; ++at, rest /= kLetters) argument += alphabet[rest % kLetters];
      const std::vector<std::string> argv = {"C:\\a b\\p.exe", argument, "next", argument};
      std::wstring line;
      ASSERT_FALSE(makeCommandLine(L"C:\\a b\\p.exe", argv, line));
      ASSERT_EQ(parsedBack(line), argv) << toUtf8(line);
    }
  }
}

TEST(CommandLine, TextThatIsNoUtf8NamesItsArgument) {
  std::wstring line;
  const auto fault = makeCommandLine(L"C:\\p.exe", {"C:/p.exe", "fine", "\xFF"}, line);
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->field, "argv[2]");
}

TEST(CommandLine, KnowsBatchFiles) {
  EXPECT_TRUE(isBatchFile(L"C:\\a.bat"));
  EXPECT_TRUE(isBatchFile(L"C:\\a.b.CmD"));
  EXPECT_FALSE(isBatchFile(L"C:\\a.bat\\b.exe"));
  EXPECT_FALSE(isBatchFile(L"C:\\bat"));
}

TEST(Environment, IsSortedWithoutRegardToCaseAndEndsTwice) {
  std::wstring block;
  ASSERT_FALSE(
      makeEnvironment({{"b", "2"}, {"A", "1"}, {"\xC3\xA9", "5"}, {"C", ""}, {"SYSTEMROOT", "x"}, {"_", "4"}}, block));
  EXPECT_EQ(entriesOf(block), (std::vector<std::string>{"A=1", "b=2", "C=", "SYSTEMROOT=x", "_=4", "\xC3\xA9=5"}));
  EXPECT_EQ(block.substr(block.size() - 2), std::wstring(2, L'\0'));
}

TEST(Environment, OfOneNameTheLaterWinsWithItsSpelling) {
  std::wstring block;
  ASSERT_FALSE(makeEnvironment({{"Path", "old"}, {"PATH", "new"}, {"systemroot", "r"}}, block));
  EXPECT_EQ(entriesOf(block), (std::vector<std::string>{"PATH=new", "systemroot=r"}));
}

TEST(Environment, HasSystemRootWhereNobodyNamesIt) {
  std::wstring block;
  ASSERT_FALSE(makeEnvironment({}, block));
  const auto entries = entriesOf(block);
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].substr(0, 14), "SystemRoot=C:\\");
}

TEST(NativePaths, TakeTheLongForm) {
  EXPECT_EQ(wideOf("C:/a/b"), L"\\\\?\\C:\\a\\b");
  EXPECT_EQ(wideOf("c:"), L"\\\\?\\c:\\");
  EXPECT_EQ(wideOf("C:/"), L"\\\\?\\C:\\");
  EXPECT_EQ(wideOf("//server/share/a"), L"\\\\?\\UNC\\server\\share\\a");
  EXPECT_EQ(wideOf("C:/\xE4\xB8\xAD\xE6\x96\x87"), L"\\\\?\\C:\\\u4E2D\u6587");
}

TEST(NativePaths, AreResolvedByTextAndNeverAboveTheRoot) {
  EXPECT_EQ(wideOf("C:/a/./b//../c/"), L"\\\\?\\C:\\a\\c");
  EXPECT_EQ(wideOf("C:/../../a"), L"\\\\?\\C:\\a");
  EXPECT_EQ(wideOf("//server/share/../a"), L"\\\\?\\UNC\\server\\share\\a");
}

TEST(NativePaths, WhatIsNotAbsoluteIsRefused) {
  for (const char* path : {"", "a", "/a/b", "C:a", "1:/a", "//", "//server", "///a/b", "\\\\?\\C:\\a"}) {
    EXPECT_EQ(refusalOf(path), "path") << path;
  }
}

TEST(NativePaths, NamesThatMeanSomethingElseToWindowsAreRefused) {
  for (const char* name : {"con",      "NUL",      "nul.txt",     "Aux",    "prn.tar.gz",
                           "COM1",     "lpt9.log", "com\xC2\xB9", "conin$", "CONOUT$",
                           "nul .txt", "a.",       "a ",          "...",    "file.txt:stream",
                           "a:b",      "a?",       "a*",          "a|b",    "a<b",
                           "a>b",      "\"a\"",    "a\tb",        "a\x01",  "a\\b"}) {
    EXPECT_EQ(refusalOf("C:/x/" + std::string(name) + "/y"), "path-unsafe") << name;
    std::wstring wide;
    EXPECT_TRUE(checkName(name, wide)) << name;
  }
}

TEST(NativePaths, NamesThatOnlyLookLikeDevicesAreKept) {
  for (const char* name : {"console", "com", "com0", "com10", "lpt", "nully", "a.nul", ".con", "auxiliary.txt", "COM1x"}) {
    EXPECT_EQ(refusalOf("C:/x/" + std::string(name)), "accepted") << name;
  }
}

TEST(NativePaths, APathPastWhatTheKernelTakesIsRefused) {
  std::string path = "C:";
  for (int depth = 0; depth < 300; ++depth) path += "/" + std::string(120, 'x');
  EXPECT_EQ(refusalOf(path), "path-unsafe");
}

TEST(Faults, SayWhatWindowsSaysOnOneLine) {
  const std::string text = textOfError(ERROR_DISK_FULL);
  EXPECT_FALSE(text.empty());
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_NE(text.back(), '.');
  EXPECT_EQ(textOfError(0x2FFFFFFF), "error 805306367");
}

TEST(Faults, HaveTheCodesOfTheContract) {
  const auto name = [](DWORD error) { return osFault("x", error).name; };
  EXPECT_EQ(name(ERROR_DISK_FULL), "disk-full");
  EXPECT_EQ(name(ERROR_HANDLE_DISK_FULL), "disk-full");
  EXPECT_EQ(name(ERROR_ALREADY_EXISTS), "already-exists");
  EXPECT_EQ(name(ERROR_PATH_NOT_FOUND), "not-found");
  EXPECT_EQ(name(ERROR_SHARING_VIOLATION), "busy");
  EXPECT_EQ(name(ERROR_ACCESS_DENIED), "denied");
  EXPECT_EQ(name(ERROR_CRC), "io-error");
}

}  // namespace tenon::platform
