// Zip files of golang/go and zip-rs/zip2, with a strict reader's verdict on each (shared/data/zip/expected.tsv).
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "host/base/Limits.h"
#include "host/contract/release/PackagePath.h"
#include "host/package/zip/ZipDirectory.h"
#include "host/package/zip/ZipEntryReader.h"
#include "tests/support/MachineFiles.h"

namespace tenon::host {
namespace {

struct Vector {
  std::string file, expect, weight, reason;
};

std::vector<Vector> vectors(const std::string& folder) {
  std::vector<Vector> all;
  std::ifstream in(folder + "/expected.tsv");
  std::string line;
  std::getline(in, line);  // the columns' names
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    Vector vector;
    std::getline(fields, vector.file, '\t');
    std::getline(fields, vector.expect, '\t');
    std::getline(fields, vector.weight, '\t');
    std::getline(fields, vector.reason, '\t');
    all.push_back(vector);
  }
  return all;
}

// Where the design says otherwise than the list, and why.
const std::map<std::string, std::string> kExceptions{
    {"zip-rs/symlink.zip",
     "links are refused there by policy; here one that stays in the package is what a package may hold"}};

// Directory, then every byte of every entry: what a package without MANIFEST goes through.
Result<void> readWhole(Files& files, const std::string& path) {
  TENON_TRY(const auto zip, ReadFile::open(files, Path(path)));
  TENON_TRY(const auto directory, ZipDirectory::read(zip, ZipRules::Unambiguous));
  ZipEntryReader reader(zip);
  for (const auto& entry : directory.entries()) {
    if (entry.kind == ZipEntry::Kind::Symlink) {
      TENON_TRY(const auto target, readSmallEntry(zip, entry, limits::kSymlinkTargetBytes));
      TENON_CHECK(checkSymlinkTarget(entry.name, target));
    }
    TENON_CHECK(reader.read(entry, ZipEntryReader::Check::Crc, [](std::string_view) { return Result<void>(); }));
  }
  return {};
}

TEST(ZipVectors, AreJudgedAsTheListSays) {
  const std::string folder = TENON_SHARED_DATA "/zip";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no third-party vectors at " << folder;
  MachineFiles files;
  int judged = 0;
  for (const auto& vector : vectors(folder)) {
    SCOPED_TRACE(vector.file + " (" + vector.weight + ": " + vector.reason + ")");
    const auto read = readWhole(*files, folder + "/" + vector.file);
    ++judged;
    const bool accept = vector.expect == "accept" || kExceptions.contains(vector.file);
    EXPECT_EQ(read.has_value(), accept) << (read ? "accepted" : read.error().message());
    if (read) continue;
    const auto code = read.error().code();
    EXPECT_TRUE(code == ErrorCode::ArchiveInvalid || code == ErrorCode::ArchiveLimit || code == ErrorCode::PathUnsafe)
        << name(code);
  }
  EXPECT_EQ(judged, 63);
}

}  // namespace
}  // namespace tenon::host
