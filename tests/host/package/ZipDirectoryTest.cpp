// Cases 26 to 42 of the fault list, as far as the directory alone decides them; content is UnpackerTest's.
#include "host/package/zip/ZipDirectory.h"

#include <gtest/gtest.h>

#include "host/base/Limits.h"
#include "tests/host/package/ZipMaker.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

class ZipDirectoryTest : public testing::Test {
 protected:
  Result<ZipDirectory> read(const std::string& bytes, ZipRules rules) {
    folder_.write("x.zip", bytes);
    const auto zip = ReadFile::open(*files_, folder_ / "x.zip");
    return zip ? ZipDirectory::read(*zip, rules) : Result<ZipDirectory>(zip.error());
  }
  void accepted(const MadeZip& zip, ZipRules rules) {
    const auto directory = read(zip.bytes(), rules);
    EXPECT_TRUE(directory) << directory.error().message();
  }
  void refused(const std::string& bytes, ErrorCode code, const std::string& why,
               std::initializer_list<ZipRules> rules = kBoth) {
    for (const auto rule : rules) {
      const auto directory = read(bytes, rule);
      ASSERT_FALSE(directory) << "accepted by rule " << static_cast<int>(rule);
      EXPECT_EQ(directory.error().code(), code) << directory.error().message();
      EXPECT_NE(directory.error().message().find(why), std::string::npos) << directory.error().message();
    }
  }
  void refused(const MadeZip& zip, ErrorCode code, const std::string& why, std::initializer_list<ZipRules> rules = kBoth) {
    refused(zip.bytes(), code, why, rules);
  }
  void invalid(const MadeZip& zip, const std::string& why) { refused(zip, ErrorCode::ArchiveInvalid, why); }
  void onlyStrictRefuses(const MadeZip& zip, const std::string& why) {
    accepted(zip, ZipRules::Unambiguous);
    refused(zip, ErrorCode::ArchiveInvalid, why, {ZipRules::Strict});
  }

  static MadeEntry file(std::string name, std::string content = "content") {
    MadeEntry entry;
    entry.name = std::move(name);
    entry.content = std::move(content);
    return entry;
  }
  static MadeZip zipOf(std::vector<MadeEntry> entries) {
    MadeZip zip;
    zip.entries = std::move(entries);
    return zip;
  }

  static constexpr std::initializer_list<ZipRules> kBoth{ZipRules::Strict, ZipRules::Unambiguous};
  TempFolder folder_;
  MachineFiles files_;
};

TEST_F(ZipDirectoryTest, ReadsWhatPackWrites) {
  auto deflated = file("app/b.py", std::string(1000, 'b'));
  deflated.deflate = true;
  auto link = file("app/c", "b.py");
  link.attributes = 0120777U << 16;
  auto program = file("bin/run", "#!/bin/sh\n");
  program.attributes = 0100755U << 16;
  const auto directory = read(zipOf({file("MANIFEST"), deflated, link, program}).bytes(), ZipRules::Strict);
  ASSERT_TRUE(directory) << directory.error().message();
  const auto& entries = directory->entries();
  ASSERT_EQ(entries.size(), 4U);
  EXPECT_EQ(entries[0].dataOffset, 30U + 8U);
  EXPECT_EQ(entries[1].method, ZipEntry::Method::Deflate);
  EXPECT_EQ(entries[1].size, 1000U);
  EXPECT_EQ(entries[2].kind, ZipEntry::Kind::Symlink);
  EXPECT_TRUE(entries[3].unixExecutable);
  EXPECT_FALSE(entries[0].unixExecutable);
  EXPECT_EQ(directory->find("app/c"), &entries[2]);
  EXPECT_EQ(directory->find("app"), nullptr);
}

TEST_F(ZipDirectoryTest, ReadsAnEmptyZip) {
  for (const auto rules : kBoth) EXPECT_TRUE(read(MadeZip().bytes(), rules));
}

TEST_F(ZipDirectoryTest, RefusesWhatIsNoZip) {
  refused("", ErrorCode::ArchiveInvalid, "no zip");
  refused("PK", ErrorCode::ArchiveInvalid, "no zip");
  refused(std::string(100'000, 'x'), ErrorCode::ArchiveInvalid, "no zip");
}

TEST_F(ZipDirectoryTest, RefusesEveryTruncation) {
  const auto bytes = zipOf({file("a"), file("b")}).bytes();
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    for (const auto rules : kBoth) EXPECT_FALSE(read(bytes.substr(0, length), rules)) << length;
  }
}

TEST_F(ZipDirectoryTest, Case26RefusesPathsThatLeadOut) {
  for (const auto* name : {"../a", "a/../../b", "/abs", "C:\\a", "C:a", "a\\b", "..", ".", "a//b", "./a"}) {
    refused(zipOf({file(name)}), ErrorCode::PathUnsafe, "");
  }
}

TEST_F(ZipDirectoryTest, Case27RefusesDevicesAndPipes) {
  for (const std::uint32_t type : {0010000U, 0020000U, 0060000U, 0140000U}) {
    auto entry = file("a");
    entry.attributes = (type | 0644U) << 16;
    invalid(zipOf({entry}), "a device, pipe or socket");
  }
}

TEST_F(ZipDirectoryTest, Case28RefusesAFileBelowALink) {
  auto link = file("a", "b");
  link.attributes = 0120777U << 16;
  refused(zipOf({link, file("a/b")}), ErrorCode::PathUnsafe, "");
}

TEST_F(ZipDirectoryTest, Case29RefusesDuplicates) { refused(zipOf({file("a"), file("a")}), ErrorCode::PathUnsafe, ""); }

TEST_F(ZipDirectoryTest, Case30RefusesNamesThatFoldTogether) {
  refused(zipOf({file("A"), file("a")}), ErrorCode::PathUnsafe, "");
  refused(zipOf({file("dir/a"), file("DIR/b")}), ErrorCode::PathUnsafe, "");
  auto decomposed = file("e\xcc\x81");
  decomposed.flags = 0x0800;
  refused(zipOf({decomposed}), ErrorCode::PathUnsafe, "");
}

TEST_F(ZipDirectoryTest, Case31RefusesWhatWindowsCannotHold) {
  for (const auto* name : {"CON", "nul.txt", "x.", "x ", "a:ads", "aux/b", "a?b", "a*"})
    refused(zipOf({file(name)}), ErrorCode::PathUnsafe, "");
  auto superscript = file("COM\xc2\xb9");
  superscript.flags = 0x0800;
  refused(zipOf({superscript}), ErrorCode::PathUnsafe, "");
}

TEST_F(ZipDirectoryTest, Case32RefusesAFileAndAFolderOfOneName) {
  refused(zipOf({file("a"), file("a/b")}), ErrorCode::PathUnsafe, "");
  refused(zipOf({file("a/b"), file("a")}), ErrorCode::PathUnsafe, "");
}

TEST_F(ZipDirectoryTest, Case33RefusesNamesThatCannotBeRead) {
  refused(zipOf({file(std::string("a\0b", 3))}), ErrorCode::PathUnsafe, "");
  refused(zipOf({file("a\nb")}), ErrorCode::PathUnsafe, "");
  refused(zipOf({file("")}), ErrorCode::PathUnsafe, "");
  auto unmarked = file("\xc3\xa9");
  invalid(zipOf({unmarked}), "not marked as UTF-8");
  auto broken = file("\xc3(");
  broken.flags = 0x0800;
  refused(zipOf({broken}), ErrorCode::PathUnsafe, "UTF-8");
}

TEST_F(ZipDirectoryTest, Case33RefusesASecondNameInAnExtraField) {
  auto entry = file("a");
  const auto extra = [](const std::string& name) {
    return littleEndian(0x7075, 2) + littleEndian(5 + name.size(), 2) + std::string(5, '\1') + name;
  };
  entry.centralExtra = extra("b");
  refused(zipOf({entry}), ErrorCode::ArchiveInvalid, "a second name");
  entry.centralExtra = extra("a");
  onlyStrictRefuses(zipOf({entry}), "extra field");
  entry.centralExtra.clear();
  entry.localExtra = extra("b");
  refused(zipOf({entry}), ErrorCode::ArchiveInvalid, "a second name");
}

TEST_F(ZipDirectoryTest, Case34RefusesALocalHeaderThatDiffers) {
  const auto check = [&](const std::string& why, auto change) {
    auto entry = file("name");
    change(entry);
    invalid(zipOf({entry}), why);
  };
  check("another name", [](MadeEntry& e) { e.localName = "nama"; });
  check("another name", [](MadeEntry& e) { e.localName = "longer"; });
  check("another size", [](MadeEntry& e) { e.localSize = 6; });
  check("another size", [](MadeEntry& e) { e.localPacked = 8; });
  check("another CRC", [](MadeEntry& e) { e.localCrc = 1; });
  check("another method", [](MadeEntry& e) { e.localMethod = 8; });
  check("other flags", [](MadeEntry& e) { e.localFlags = 0x0800; });
}

TEST_F(ZipDirectoryTest, Case35TakesDescriptorsByTheUnambiguousRulesOnly) {
  for (const bool signature : {false, true}) {
    for (const std::size_t width : {4U, 8U}) {
      auto entry = file("a", std::string(500, 'a'));
      entry.deflate = true;
      entry.flags = 0x0008;
      entry.localCrc = entry.localSize = entry.localPacked = 0;
      const auto packed = deflated(entry.content).size();
      const auto crc = libdeflate_crc32(0, entry.content.data(), entry.content.size());
      entry.descriptor = (signature ? littleEndian(0x08074b50, 4) : "") + littleEndian(crc, 4) +
                         littleEndian(packed, width) + littleEndian(500, width);
      onlyStrictRefuses(zipOf({entry, file("b")}), "flag");
      entry.descriptor.back() = '\1';
      refused(zipOf({entry, file("b")}), ErrorCode::ArchiveInvalid, "data descriptor", {ZipRules::Unambiguous});
      entry.descriptor.clear();
      refused(zipOf({entry, file("b")}), ErrorCode::ArchiveInvalid, "data descriptor", {ZipRules::Unambiguous});
    }
  }
}

TEST_F(ZipDirectoryTest, Case35RefusesEncryptionAndUnknownMethods) {
  auto entry = file("a");
  entry.flags = 0x0001;
  invalid(zipOf({entry}), "encrypted");
  for (const std::uint16_t flag : std::initializer_list<std::uint16_t>{0x0010, 0x0020, 0x0040, 0x2000, 0x8000}) {
    entry.flags = flag;
    invalid(zipOf({entry}), "flag");
  }
  entry.flags = 0;
  for (const std::uint16_t method : std::initializer_list<std::uint16_t>{1, 9, 12, 14, 93, 99}) {
    entry.method = method;
    invalid(zipOf({entry}), "method " + std::to_string(method));
  }
}

TEST_F(ZipDirectoryTest, Case36RefusesASecondEndRecord) {
  auto zip = zipOf({file("a")});
  zip.comment = MadeZip().bytes();  // a whole empty zip
  refused(zip, ErrorCode::ArchiveInvalid, "two end records");
  zip.comment = std::string("PK\5\6", 4) + "short";
  refused(zip, ErrorCode::ArchiveInvalid, "after the end");
  refused(zipOf({file("a")}).bytes() + zipOf({file("b")}).bytes(), ErrorCode::ArchiveInvalid, "");
}

TEST_F(ZipDirectoryTest, Case36RefusesBytesOfNobody) {
  auto zip = zipOf({file("a"), file("b")});
  zip.trailing = "x";
  refused(zip, ErrorCode::ArchiveInvalid, "after the end");
  zip.trailing.clear();
  zip.prefix = "MZ, a program";
  refused(zip, ErrorCode::ArchiveInvalid, "");
  zip.prefix.clear();
  zip.gap = "gap";
  refused(zip, ErrorCode::ArchiveInvalid, "belong to no entry");
  zip.gap.clear();
  zip.entries[1].before = "gap";
  refused(zip, ErrorCode::ArchiveInvalid, "");
}

TEST_F(ZipDirectoryTest, Case36RefusesAHiddenEntryInAGap) {
  MadeZip inner = zipOf({file("hidden")});
  auto zip = zipOf({file("a"), file("b")});
  zip.entries[1].before = inner.bytes().substr(0, 43);  // a local header and its data, listed nowhere
  refused(zip, ErrorCode::ArchiveInvalid, "");
}

TEST_F(ZipDirectoryTest, Case36RefusesADirectoryThatIsElsewhere) {
  auto zip = zipOf({file("a"), file("b")});
  zip.directoryOffset = 0;
  refused(zip, ErrorCode::ArchiveInvalid, "directory");
  zip.directoryOffset.reset();
  zip.directoryBytes = 46;
  refused(zip, ErrorCode::ArchiveInvalid, "directory");
  zip.directoryBytes.reset();
  for (const std::uint16_t count : std::initializer_list<std::uint16_t>{0, 1, 3, 40000}) {
    zip.count = count;
    refused(zip, ErrorCode::ArchiveInvalid, "");
  }
}

TEST_F(ZipDirectoryTest, Case37RefusesOverlaps) {
  auto zip = zipOf({file("a"), file("b")});
  zip.entries[1].offset = 0;
  refused(zip, ErrorCode::ArchiveInvalid, "");
  // One header that spans the next: what the quoted overlap of "zip bombs" looks like.
  zip = zipOf({file("a"), file("b")});
  zip.entries[0].size = zip.entries[0].packed = 7 + 31 + 7;
  refused(zip, ErrorCode::ArchiveInvalid, "");
}

TEST_F(ZipDirectoryTest, Case37RefusesSizesThatCannotBe) {
  auto bomb = file("a", "x");
  bomb.deflate = true;
  bomb.size = bomb.localSize = 4'000'000'000U;
  refused(zipOf({bomb}), ErrorCode::ArchiveLimit, "grows more");
  auto huge = file("a");
  huge.size = huge.localSize = huge.packed = huge.localPacked = 0xffffffffU;
  huge.centralExtra = huge.localExtra =
      littleEndian(1, 2) + littleEndian(16, 2) + littleEndian(~std::uint64_t{0}, 8) + littleEndian(~std::uint64_t{0}, 8);
  refused(zipOf({huge}), ErrorCode::ArchiveInvalid, "larger than the zip");
  auto uneven = file("a");
  uneven.size = uneven.localSize = 3;
  invalid(zipOf({uneven}), "sizes differ");
}

TEST_F(ZipDirectoryTest, Case37RefusesTooManyEntriesBeforeReadingThem) {
  auto zip = zipOf({file("a")});
  zip.zip64End = true;
  zip.zip64CountOff = 10'000'000;
  zip.count = 0xffff;
  refused(zip, ErrorCode::ArchiveLimit, "entries");
}

TEST_F(ZipDirectoryTest, Case37TakesANestedZipForAFile) {
  for (const auto rules : kBoth) accepted(zipOf({file("inner.zip", zipOf({file("a")}).bytes())}), rules);
}

TEST_F(ZipDirectoryTest, Case38ReadsZip64WhereAllAgree) {
  auto entry = file("a");
  entry.size = entry.packed = entry.localSize = entry.localPacked = 0xffffffffU;
  entry.centralExtra = entry.localExtra = littleEndian(1, 2) + littleEndian(16, 2) + littleEndian(7, 8) + littleEndian(7, 8);
  auto zip = zipOf({entry});
  zip.zip64End = true;
  for (const auto rules : kBoth) accepted(zip, rules);
}

TEST_F(ZipDirectoryTest, Case38RefusesZip64ThatDisagrees) {
  const auto field = [](std::uint64_t size, std::uint64_t packed) {
    return littleEndian(1, 2) + littleEndian(16, 2) + littleEndian(size, 8) + littleEndian(packed, 8);
  };
  auto entry = file("a");
  entry.size = entry.packed = entry.localSize = entry.localPacked = 0xffffffffU;
  entry.centralExtra = field(7, 7);
  entry.localExtra = field(8, 8);
  invalid(zipOf({entry}), "another size");
  entry.localExtra.clear();
  invalid(zipOf({entry}), "ZIP64");
  entry.localExtra = entry.centralExtra + entry.centralExtra;
  invalid(zipOf({entry}), "two ZIP64");
  // Asked for by no field: some readers would take it, others not.
  auto unasked = file("a");
  unasked.centralExtra = field(7, 7);
  invalid(zipOf({unasked}), "ZIP64");
  unasked.centralExtra.clear();
  unasked.localExtra = field(9, 9);
  invalid(zipOf({unasked}), "ZIP64");
  // The end records.
  auto zip = zipOf({file("a")});
  zip.zip64End = true;
  zip.count = 2;
  refused(zip, ErrorCode::ArchiveInvalid, "disagree");
}

TEST_F(ZipDirectoryTest, RefusesBrokenExtraFields) {
  auto entry = file("a");
  for (const auto& extra :
       {littleEndian(0x5455, 2), littleEndian(0x5455, 2) + littleEndian(9, 2) + "short", std::string("\1\0\4\0abcd", 8)}) {
    entry.centralExtra = extra;
    refused(zipOf({entry}), ErrorCode::ArchiveInvalid, "");
  }
}

TEST_F(ZipDirectoryTest, RefusesAZipInSeveralParts) {
  auto entry = file("a");
  entry.disk = 1;
  invalid(zipOf({entry}), "several parts");
}

TEST_F(ZipDirectoryTest, Case41IgnoresModesButForAHintToExecute) {
  auto setuid = file("a");
  setuid.attributes = 0106777U << 16;
  const auto directory = read(zipOf({setuid}).bytes(), ZipRules::Strict);
  ASSERT_TRUE(directory);
  EXPECT_EQ(directory->entries()[0].kind, ZipEntry::Kind::File);
  EXPECT_TRUE(directory->entries()[0].unixExecutable);
}

TEST_F(ZipDirectoryTest, Case42RefusesPathsPastTheLimits) {
  refused(zipOf({file(std::string(4096, 'a'))}), ErrorCode::PathUnsafe, "");
  std::string deep = "a";
  for (int i = 0; i < 200; ++i) deep += "/a";
  refused(zipOf({file(deep)}), ErrorCode::PathUnsafe, "");
}

TEST_F(ZipDirectoryTest, TakesFoldersCommentAndExtrasByTheUnambiguousRulesOnly) {
  auto folder = file("dir/", "");
  folder.attributes = (0040755U << 16) | 0x10;
  onlyStrictRefuses(zipOf({folder, file("dir/a")}), "folder");
  auto commented = zipOf({file("a")});
  commented.comment = "made by hand";
  onlyStrictRefuses(commented, "comment");
  auto timed = file("a");
  timed.centralExtra = timed.localExtra = littleEndian(0x5455, 2) + littleEndian(1, 2) + "\1";
  onlyStrictRefuses(zipOf({timed}), "extra");
  auto hinted = file("a", std::string(100, 'a'));
  hinted.deflate = true;
  hinted.flags = 0x0002;
  onlyStrictRefuses(zipOf({hinted}), "flag");
}

TEST_F(ZipDirectoryTest, TakesEntriesInAnyOrderOnTheDiskByTheUnambiguousRules) {
  // Two entries of 38 bytes each, listed the other way round.
  auto zip = zipOf({file("a"), file("b")});
  auto bytes = zip.bytes();
  const std::size_t directory = 2 * 38, record = 47;
  bytes = bytes.substr(0, directory) + bytes.substr(directory + record, record) + bytes.substr(directory, record) +
          bytes.substr(directory + 2 * record);
  const auto read = this->read(bytes, ZipRules::Unambiguous);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->entries()[0].name, "b");
  refused(bytes, ErrorCode::ArchiveInvalid, "does not begin where", {ZipRules::Strict});
}

TEST_F(ZipDirectoryTest, RefusesNamesAndAttributesThatDisagree) {
  auto entry = file("a");
  entry.attributes = 0040755U << 16;
  invalid(zipOf({entry}), "disagree");
  entry = file("a/", "");
  entry.attributes = 0100644U << 16;
  refused(zipOf({entry}), ErrorCode::ArchiveInvalid, "disagree");
  entry = file("a");
  entry.madeOn = 0;
  entry.attributes = 0x10;
  invalid(zipOf({entry}), "disagree");
  entry.attributes = 0120777U << 16;  // a link, but not made on Unix: some readers would make one
  invalid(zipOf({entry}), "disagree");
  entry = file("a/", "content");
  entry.attributes = 0040755U << 16;
  refused(zipOf({entry}), ErrorCode::ArchiveInvalid, "folder");
}

TEST_F(ZipDirectoryTest, RefusesALinkWithAHugeTarget) {
  auto link = file("a", std::string(5000, 't'));
  link.attributes = 0120777U << 16;
  refused(zipOf({link}), ErrorCode::ArchiveLimit, "link");
}

TEST_F(ZipDirectoryTest, FindsTheSameDataWithoutLookingAtKnownHeaders) {
  auto deflate = file("dir/a", std::string(100, 'a'));
  deflate.deflate = true;
  folder_.write("x.zip", zipOf({deflate, file("b"), file("c", "")}).bytes());
  const auto zip = ReadFile::open(*files_, folder_ / "x.zip").value();
  const auto checked = ZipDirectory::read(zip, ZipRules::Strict).value();
  const auto known = ZipDirectory::read(zip, ZipRules::Strict, ZipHeaders::Known).value();
  ASSERT_EQ(known.entries().size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(known.entries()[i].dataOffset, checked.entries()[i].dataOffset);
}

TEST_F(ZipDirectoryTest, RefusesOverlapsOfKnownHeadersToo) {
  const auto refusesKnown = [&](const MadeZip& made) {
    folder_.write("x.zip", made.bytes());
    const auto zip = ReadFile::open(*files_, folder_ / "x.zip").value();
    return !ZipDirectory::read(zip, ZipRules::Strict, ZipHeaders::Known).has_value();
  };
  auto zip = zipOf({file("a"), file("b")});
  zip.entries[1].offset = 0;
  EXPECT_TRUE(refusesKnown(zip));
  zip.entries[1].offset = 5;
  EXPECT_TRUE(refusesKnown(zip));
  zip.entries[1].offset = 0xfffffff0U;
  EXPECT_TRUE(refusesKnown(zip));
  zip = zipOf({file("a")});
  zip.prefix = "MZ";
  EXPECT_TRUE(refusesKnown(zip));
}

// Whatever one byte is changed to: never a crash, and an accepted directory stays within the file.
TEST_F(ZipDirectoryTest, StandsEveryChangedByte) {
  auto deflate = file("dir/a", std::string(100, 'a'));
  deflate.deflate = true;
  const auto good = zipOf({deflate, file("b")}).bytes();
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const char value : {'\0', '\xff'}) {
      auto bytes = good;
      bytes[at] = value;
      for (const auto rules : kBoth) {
        const auto directory = read(bytes, rules);
        if (!directory) continue;
        for (const auto& entry : directory->entries()) ASSERT_LE(entry.dataOffset + entry.packedBytes, bytes.size());
      }
    }
  }
}

}  // namespace
}  // namespace tenon::host
