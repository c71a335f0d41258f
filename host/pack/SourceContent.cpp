#include "host/pack/SourceContent.h"

#include <algorithm>

#include "host/base/Limits.h"
#include "host/pack/Deflate.h"
#include "host/pack/Glob.h"
#include "host/pack/ParallelFor.h"
#include "host/trust/Sha256.h"

namespace tenon::host {
namespace {

constexpr std::size_t kChunkBytes = limits::MiB;

bool beginsLikeAProgram(std::string_view content) {
  return content.starts_with(
             "\x7f"
             "ELF") ||
         content.starts_with("#!");
}

PackageFile symlinkOf(const SourceFile& source) {
  const ManifestFile entry{sha256(source.target), ManifestFile::Kind::Symlink, source.size, source.path};
  return {.entry = entry, .crc32 = crc32Of(source.target), .source = {}, .target = source.target};
}

}  // namespace

Result<PackageFile> ContentReader::readOne(const SourceFile& source, const std::vector<std::string>& executableGlobs) {
  if (source.isSymlink) return symlinkOf(source);
  PackageFile file{.entry = {{}, ManifestFile::Kind::Plain, source.size, source.path},
                   .crc32 = 0,
                   .source = folder_ / source.path,
                   .target = {}};
  TENON_TRY(const ReadFile in, ReadFile::open(files_, file.source));
  if (in.size() != source.size) return changedWhilePacking(source.path);

  Sha256 hash;
  std::string buffer;
  bool executable = std::any_of(executableGlobs.begin(), executableGlobs.end(),
                                [&](const std::string& glob) { return globMatches(glob, source.path); });
  for (std::uint64_t at = 0; at < source.size; at += buffer.size()) {
    buffer.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kChunkBytes, source.size - at)));
    TENON_CHECK(withContext(source.path, in.readExactly(at, buffer)));
    executable = executable || (at == 0 && beginsLikeAProgram(buffer));
    hash.update(buffer);
    file.crc32 = crc32Of(buffer, file.crc32);
    done_(buffer.size());
  }
  file.entry.sha256 = hash.finish();
  if (executable) file.entry.kind = ManifestFile::Kind::Executable;
  return file;
}

Result<std::vector<PackageFile>> ContentReader::read(const std::vector<SourceFile>& sources,
                                                     const std::vector<std::string>& executableGlobs) {
  std::vector<PackageFile> contents(sources.size());
  TENON_CHECK(parallelFor(pool_, sources.size(), [&](std::size_t i) -> Result<void> {
    TENON_TRY(contents[i], readOne(sources[i], executableGlobs));
    return {};
  }));
  return contents;
}

Error changedWhilePacking(const std::string& path) {
  return Error(ErrorCode::ContentMismatch, path + " changed while it was being packed")
      .withHint("pack again when nothing writes into the folder");
}

}  // namespace tenon::host
