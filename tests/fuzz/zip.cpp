// A package's zip: what is accepted is what its readers take it for, and every entry lies within the file.
#include <algorithm>
#include <cstring>

#include "host/base/Limits.h"
#include "host/contract/release/PackagePath.h"
#include "host/package/zip/ZipEntryReader.h"
#include "tests/fuzz/Fuzz.h"

namespace tenon::host {
namespace {

class TextSource final : public ByteSource {
 public:
  explicit TextSource(std::string_view text) : text_(text) {}
  std::uint64_t size() const override { return text_.size(); }
  Result<void> readExactly(std::uint64_t offset, std::span<char> into) const override {
    if (offset > text_.size() || into.size() > text_.size() - offset) {
      return Error(ErrorCode::ContentMissing, "the zip ends before");
    }
    if (!into.empty()) std::memcpy(into.data(), text_.data() + offset, into.size());
    return {};
  }

 private:
  std::string_view text_;
};

bool same(const ZipEntry& a, const ZipEntry& b) {
  return a.name == b.name && a.kind == b.kind && a.method == b.method && a.unixExecutable == b.unixExecutable &&
         a.crc32 == b.crc32 && a.packedBytes == b.packedBytes && a.size == b.size && a.headerOffset == b.headerOffset &&
         a.dataOffset == b.dataOffset;
}

void mustLieInTheFile(const ZipDirectory& directory, std::string_view zip) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> places;
  PackagePathSet paths;
  for (const auto& entry : directory.entries()) {
    must(checkPackagePath(entry.name).has_value(), "every name is safe");
    const auto kind = entry.kind == ZipEntry::Kind::Folder ? PackagePathSet::Kind::Folder : PackagePathSet::Kind::File;
    must(paths.add(entry.name, kind).has_value(), "no two names are the same anywhere");
    must(directory.find(entry.name) == &entry, "every entry is found by its name");
    must(entry.headerOffset < entry.dataOffset && entry.dataOffset <= zip.size(), "the data come behind their header");
    must(entry.packedBytes <= zip.size() - entry.dataOffset, "the data end within the file");
    must(zip.substr(static_cast<std::size_t>(entry.headerOffset)).starts_with("PK\3\4"), "a header is where it is said");
    must(entry.size / limits::kInflateRatio <= entry.packedBytes, "nothing grows more than deflate can");
    places.emplace_back(entry.headerOffset, entry.dataOffset + entry.packedBytes);
  }
  std::sort(places.begin(), places.end());
  for (std::size_t i = 1; i < places.size(); ++i) must(places[i - 1].second <= places[i].first, "no two entries overlap");
}

void mustReadOrRefuse(const ZipDirectory& directory, const ByteSource& zip) {
  ZipEntryReader reader(zip);
  for (const auto& entry : directory.entries()) {
    std::uint64_t got = 0;
    const auto read = reader.read(entry, ZipEntryReader::Check::Crc, [&](std::string_view piece) -> Result<void> {
      got += piece.size();
      must(got <= entry.size, "never more comes than the entry says");
      return {};
    });
    if (read) must(got == entry.size, "an entry that is read is read whole");
    if (!read) mustBeOneLine(read.error());
  }
}

}  // namespace
}  // namespace tenon::host

using namespace tenon::host;

TENON_FUZZ(text) {
  const TextSource zip(text);
  const auto strict = ZipDirectory::read(zip, ZipRules::Strict);
  const auto loose = ZipDirectory::read(zip, ZipRules::Unambiguous);
  if (!loose) mustBeOneLine(loose.error());
  if (!strict) mustBeOneLine(strict.error());
  if (strict) {
    must(loose.has_value(), "what the strict rules accept the others do too");
    const auto known = ZipDirectory::read(zip, ZipRules::Strict, ZipHeaders::Known);
    must(known.has_value(), "checked headers are known ones");
    for (const auto* other : {&*loose, &*known}) {
      must(std::equal(strict->entries().begin(), strict->entries().end(), other->entries().begin(), other->entries().end(),
                      same),
           "every way of reading finds the same entries");
    }
  }
  if (!loose) return;
  mustLieInTheFile(*loose, text);
  mustReadOrRefuse(*loose, zip);
}
