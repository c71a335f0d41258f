// An archived log, and the names in its folder: whatever lies there, reading it ends, and gives bytes of the range that its
// name tells or an error that names the file.
#include "host/logs/LogArchive.h"
#include "host/logs/LogNames.h"
#include "tests/fuzz/Fuzz.h"
#include "tests/support/MemoryFiles.h"

using namespace tenon::host;

namespace {

void put(MemoryFiles& files, const Path& path, std::string_view bytes) {
  auto file = WriteFile::create(files, 0, path.text());
  must(file && file->append(bytes), "memory takes a file");
}

}  // namespace

TENON_FUZZ(text) {
  const std::uint64_t begin = takeByte(text), end = begin + 1 + takeByte(text) * 5U;
  MemoryFiles files;
  const Path path("/archive");
  put(files, path, text);
  const auto archive = LogArchive::open(files, path, begin, end);
  must(archive.has_value(), "a file is opened");
  for (std::uint64_t at = begin; at < end; at += 1 + (end - begin) / 7) {
    const auto bytes = archive->readFrom(at);
    if (bytes) must(!bytes->empty() && bytes->size() <= end - at, "what is read lies in the range");
    if (!bytes) mustBeOneLine(bytes.error());
  }
  if (const auto checked = archive->check(); !checked) mustBeOneLine(checked.error());

  const LogNames names(Path("/l/1.0.0.log"));
  if (const auto part = names.parse(text)) {
    const auto again = names.parse(names.path(*part).name());
    must(again && again->begin == part->begin && again->end == part->end && again->kind == part->kind,
         "a name that was read is written as one that reads the same");
    must(LogNames::versionOf(text) == "1.0.0", "and belongs to its version");
  }
}
