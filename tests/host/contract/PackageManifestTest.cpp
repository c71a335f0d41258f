#include "host/contract/release/PackageManifest.h"

#include <functional>

#include "host/base/Limits.h"
#include "tests/host/contract/Samples.h"

namespace tenon::host {
namespace {

std::string line(char digit, const std::string& rest) { return std::string(64, digit) + " " + rest + "\n"; }

std::string head(const std::string& files, const std::string& sequence = "37") {
  return "tenon-manifest 1\nservice nmt-zh-en\nversion 1.3.0\nplatform linux-x64\nsequence " + sequence + "\nfiles " +
         files + "\n\n";
}

std::string sampleManifest() {
  return head("4 1030") + line('a', "f 1000 app/main.py") + line('b', "x 20 runtime/bin/python3") +
         line('c', "l 7 runtime/bin/python") + line('d', "f 3 service.json");
}

std::string sorted() {
  return head("4 1030") + line('a', "f 1000 app/main.py") + line('c', "l 7 runtime/bin/python") +
         line('b', "x 20 runtime/bin/python3") + line('d', "f 3 service.json");
}

// One file.
std::string one(const std::string& rest, const std::string& totals = "1 5") { return head(totals) + line('a', rest); }

TEST(PackageManifest, WritesTheSameBytesThatItRead) {
  const auto manifest = PackageManifest::parse(sorted());
  ASSERT_TRUE(manifest) << manifest.error().message();
  EXPECT_EQ(manifest->release, releaseOf("nmt-zh-en", "1.3.0", "linux-x64"));
  EXPECT_EQ(manifest->sequence, 37U);
  ASSERT_EQ(manifest->files.size(), 4U);
  EXPECT_EQ(manifest->files[1].kind, ManifestFile::Kind::Symlink);
  EXPECT_EQ(manifest->files[2].kind, ManifestFile::Kind::Executable);
  EXPECT_EQ(manifest->files[0].size, 1000U);
  EXPECT_EQ(manifest->files[0].sha256, digestOf('a'));
  EXPECT_EQ(manifest->totalBytes(), 1030U);
  EXPECT_EQ(manifest->text(), sorted());
}

TEST(PackageManifest, FindsAFileByItsPath) {
  const auto manifest = PackageManifest::parse(sorted()).value();
  ASSERT_NE(manifest.find("runtime/bin/python3"), nullptr);
  EXPECT_EQ(manifest.find("runtime/bin/python3")->size, 20U);
  for (const char* absent : {"", "app", "app/main.pyc", "zzz", "MANIFEST"})
    EXPECT_EQ(manifest.find(absent), nullptr) << absent;
}

TEST(PackageManifest, ReadsAnEmptyList) {
  const auto manifest = PackageManifest::parse(head("0 0"));
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->text(), head("0 0"));
}

TEST(PackageManifest, Case21_AcceptsASequencePastTwoToThe63) {
  EXPECT_EQ(PackageManifest::parse(head("0 0", "9223372036854775808")).value().sequence, 9223372036854775808U);
  EXPECT_EQ(PackageManifest::parse(head("0 0", "18446744073709551615")).value().sequence, 18446744073709551615U);
  expectRefused(PackageManifest::parse(head("0 0", "18446744073709551616")), ErrorCode::FormatInvalid,
                "line 5: the sequence");
}

struct LineRefusal {
  std::string text;
  ErrorCode code;
  const char* message;
};

TEST(PackageManifest, Case23_RefusesWhatItWouldNotHaveWritten) {
  const auto format = ErrorCode::FormatInvalid;
  const std::string good = sorted();
  const auto with = [&](const std::string& from, const std::string& to) {
    auto text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  const LineRefusal cases[] = {
      {"", format, "line 1: the text ends too early"},
      {sampleManifest(), format, "line 10: the paths are not sorted"},
      {with("nmt-zh-en\n", "nmt-zh-en\r\n"), format, "line 2: a carriage return"},
      {with("app/main.py\n", "app/main.py\r\n"), format, "line 8: a carriage return"},
      {with(" f 1000", "\tf 1000"), format, "line 8: a tab"},
      {with("main.py", std::string("main\0.py", 8)), format, "line 8: a NUL"},
      {with("main.py", "main\x1b.py"), format, "line 8: a control character"},
      {with(" f 1000", "  f 1000"), format, "line 8: expected \"SHA256 KIND SIZE PATH\""},
      {with("f 1000", "f  1000"), format, "line 8: the size"},
      {with("1000 app", "1000  app"), format, "line 8: expected a path"},
      {with("version 1", "version  1"), format, "line 3"},
      {with("f 1000", "f 01000"), format, "line 8: the size"},
      {with("f 1000", "f +1000"), format, "line 8: the size"},
      {with("f 1000", "f -1"), format, "line 8: the size"},
      {with("f 1000", "f 1e3"), format, "line 8: the size"},
      {with("f 1000", "d 1000"), format, "line 8: the kind"},
      {with("f 1000", "F 1000"), format, "line 8: the kind"},
      {with("aaaa", "AAAA"), format, "line 8: a SHA-256"},
      {with("aaaa", "aaa"), format, "line 8: expected"},
      {with("runtime/bin/python3", "runtime/bin/python"), format, "line 10: this path is listed twice"},
      {with("files 4", "files 5"), format, "line 12: the \"files\" line says 5 files, and there are 4"},
      {with("files 4", "files 3"), format, "line 11: more files"},
      {with("files 4", "files 04"), format, "line 6: expected"},
      {with("4 1030", "4 1031"), format, "the sizes add up to 1030"},
      {with("4 1030", "4  1030"), format, "line 6: expected"},
      {with("4 1030", "4"), format, "line 6: expected"},
      {with("4 1030", "4 1030 "), format, "line 6: expected"},
      {with("sequence 37", "sequence 037"), format, "line 5: the sequence"},
      {with("sequence 37", "sequence"), format, "line 5: expected \"sequence"},
      {with("sequence 37\n", ""), format, "line 5: expected \"sequence"},
      {with("service nmt", "Service nmt"), format, "line 2: expected \"service"},
      {with("version 1.3.0", "version 1.3"), format, "line 3: \"1.3\" is no version"},
      {with("linux-x64", "linux"), format, "line 4: \"linux\" is no platform"},
      {with("\n\n", "\n"), format, "line 7: expected an empty line"},
      {with("\n\n", "\n\n\n"), format, "line 8: expected"},
      {good + "\n", format, "line 12: more files"},
      {good + "x", format, "line 12: the last line has no line feed"},
      {good + std::string(1, '\0'), format, "line 12: a NUL"},
      {good.substr(0, good.size() - 1), format, "line 11: the last line has no line feed"},
      {good.substr(0, 30), format, "line 2: the last line has no line feed"},
      {"\xef\xbb\xbf" + good, format, "line 1: this is no \"tenon-manifest 1\""},
      {" " + good, format, "line 1"},
      {with("1000 app/main.py", "1000 "), format, "line 8: expected a path"},
      {one("l 0 a", "1 0"), format, "line 8: the target of a link"},
      {one("l 1025 a", "1 1025"), format, "line 8: the target of a link"},
      {one("f 5 MANIFEST"), format, "does not list itself"},
      {one("f 5 MANIFEST.sig"), format, "does not list itself"},
  };
  for (const auto& each : cases) expectRefused(PackageManifest::parse(each.text), each.code, each.message);
}

TEST(PackageManifest, Case24_RefusesADocumentOfAnotherType) {
  expectRefused(PackageManifest::parse("{\"type\":\"root\"}\n"), ErrorCode::FormatInvalid, "line 1");
  expectRefused(PackageManifest::parse("tenon-index 1\n"), ErrorCode::FormatInvalid, "line 1");
  auto newer = sorted();
  newer.replace(newer.find("manifest 1"), 10, "manifest 2");
  const auto refused = PackageManifest::parse(newer);
  expectRefused(refused, ErrorCode::FormatInvalid, "line 1");
  EXPECT_NE(refused.error().hint().find("upgrade"), std::string::npos);
}

TEST(PackageManifest, Case26_33_RefusesUnsafePathsByLine) {
  for (const char* path : {"../x", "/abs", "C:/x", "a\\b", "NUL", "x.", "a:ads", "\xff", "cafe\xcc\x81", "a//b", "a/"}) {
    expectRefused(PackageManifest::parse(one(std::string("f 5 ") + path)), ErrorCode::PathUnsafe, "MANIFEST line 8: ");
  }
}

TEST(PackageManifest, Case29_30_32_RefusesTwinsByLine) {
  const auto two = [](const char* first, const char* second) {
    return head("2 10") + line('a', std::string("f 5 ") + first) + line('b', std::string("f 5 ") + second);
  };
  expectRefused(PackageManifest::parse(two("A", "a")), ErrorCode::PathUnsafe, "line 9: ");
  expectRefused(PackageManifest::parse(two("A/x", "a/y")), ErrorCode::PathUnsafe, "line 9: ");
  expectRefused(PackageManifest::parse(two("a", "a/b")), ErrorCode::PathUnsafe, "line 9: ");
  expectRefused(PackageManifest::parse(one("f 5 manifest")), ErrorCode::PathUnsafe, "line 8: ");
  expectRefused(PackageManifest::parse(one("f 5 Manifest.Sig/x")), ErrorCode::PathUnsafe, "line 8: ");
}

TEST(PackageManifest, Case28_RefusesAFileBelowALink) {
  expectRefused(PackageManifest::parse(head("2 10") + line('a', "l 5 a") + line('b', "f 5 a/b")), ErrorCode::PathUnsafe,
                "line 9: ");
}

TEST(PackageManifest, Case37_RefusesMoreThanTheLimits) {
  const auto limit = ErrorCode::ArchiveLimit;
  expectRefused(PackageManifest::parse(head("200001 5")), limit, "line 6: more than 200000 files");
  expectRefused(PackageManifest::parse(head("1 1099511627777")), limit, "line 6: more than 1099511627776 bytes");
  expectRefused(PackageManifest::parse(one("f 18446744073709551615 a")), limit, "line 8: ");
  expectRefused(PackageManifest::parse(head("2 5") + line('a', "f 1099511627776 a") + line('a', "f 1 b")), limit,
                "line 9: ");
  expectRefused(PackageManifest::parse(std::string(limits::kManifestBytes + 1, 'a')), limit, "larger than");
  EXPECT_TRUE(PackageManifest::parse(one("f 1099511627776 a", "1 1099511627776")));
}

// A changed text may still be a manifest, but then it is that text's own.
void expectRefusedOrCanonical(const std::string& text) {
  const auto parsed = PackageManifest::parse(text);
  if (parsed) {
    EXPECT_EQ(parsed->text(), text);
  }
}

TEST(PackageManifest, IsCanonicalWhateverBitOrByteIsChanged) {
  const std::string good = sorted();
  for (std::size_t i = 0; i < good.size(); ++i) {
    EXPECT_FALSE(PackageManifest::parse(good.substr(0, i))) << i;
    auto shorter = good;
    expectRefusedOrCanonical(shorter.erase(i, 1));
    for (int bit = 0; bit < 8; ++bit) {
      auto changed = good;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      expectRefusedOrCanonical(changed);
    }
  }
}

}  // namespace
}  // namespace tenon::host
