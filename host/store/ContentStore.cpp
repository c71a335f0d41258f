#include "host/store/ContentStore.h"

namespace tenon::host {
namespace {

constexpr std::string_view kExecutable = ".x";
constexpr std::size_t kShelfDigits = 2, kHashDigits = 64;

bool isMissing(const Error& error) { return error.code() == ErrorCode::NotFound; }

}  // namespace

Path ContentStore::pathOf(const StoredFile& file) const {
  const auto hex = file.sha256.hex();
  return folder_ / hex.substr(0, kShelfDigits) / (file.executable ? hex + std::string(kExecutable) : hex);
}

Result<ContentStore::Shelves> ContentStore::shelves() const {
  Shelves shelves;
  const auto entries = files_.list(folder_);
  if (!entries && isMissing(entries.error())) return shelves;
  if (!entries) return entries.error();
  for (const auto& entry : *entries) {
    if (entry.kind == FileKind::Folder && entry.name.size() == kShelfDigits) shelves.names_.insert(entry.name);
  }
  return shelves;
}

bool ContentStore::has(const Shelves& shelves, const StoredFile& file) const {
  if (!shelves.mayHave(file)) return false;
  const auto there = files_.inspect(pathOf(file));
  return there && there->kind == FileKind::File && there->size == file.size;
}

Result<bool> ContentStore::take(const StoredFile& file, const Path& to) const {
  const auto from = pathOf(file);
  const auto linked = files_.cloneOrLink(from, to);
  if (!linked && isMissing(linked.error())) return false;
  TENON_CHECK(linked);
  // Under the name that will be used: nobody can put another file there between this look and its use.
  TENON_TRY(const bool intact, isIntact(file, to));
  if (intact) return true;
  TENON_CHECK(files_.removeFile(to));
  TENON_CHECK(files_.removeFile(from));
  return false;
}

Result<bool> ContentStore::isIntact(const StoredFile& file, const Path& path) const {
  const auto read = [&]() -> Result<bool> {
    TENON_TRY(const auto open, ReadFile::open(files_, path));
    if (open.size() != file.size) return false;
    TENON_TRY(const auto digest, hash_(open));
    return digest == file.sha256;
  };
  const auto intact = read();
  // A sector that cannot be read any more is bit rot, too; whatever else ails the disk shows when it is written.
  if (!intact && (intact.error().code() == ErrorCode::IoError || intact.error().code() == ErrorCode::ContentMissing))
    return false;
  return intact;
}

Result<void> ContentStore::put(const StoredFile& file, const Path& from) const {
  const auto to = pathOf(file);
  auto linked = files_.cloneOrLink(from, to);
  if (!linked && isMissing(linked.error())) {
    TENON_CHECK(files_.makeFolders(to.parent()));
    linked = files_.cloneOrLink(from, to);
  }
  if (linked || linked.error().code() != ErrorCode::AlreadyExists) return linked;
  // One that is here already stays; half of one, as a copy that was killed leaves it, does not.
  TENON_TRY(const auto there, files_.inspect(to));
  if (there.size == file.size) return {};
  TENON_CHECK(files_.removeFile(to));
  return files_.cloneOrLink(from, to);
}

Result<std::vector<StoredFile>> ContentStore::list(const Shelves& shelves) const {
  std::vector<StoredFile> all;
  for (const auto& shelf : shelves.names_) {
    TENON_TRY(const auto entries, files_.list(folder_ / shelf));
    for (const auto& entry : entries) {
      const auto digest = Digest::parse(std::string_view(entry.name).substr(0, kHashDigits));
      const bool executable = entry.name.ends_with(kExecutable);
      if (entry.kind != FileKind::File || !digest) continue;
      if (entry.name.size() != kHashDigits + (executable ? kExecutable.size() : 0)) continue;
      const auto there = files_.inspect(folder_ / shelf / entry.name);
      if (there) all.push_back({*digest, executable, there->size});
    }
  }
  return all;
}

Result<bool> ContentStore::removeUnused(const StoredFile& file) const {
  const auto path = pathOf(file);
  const auto there = files_.inspect(path);
  if (!there && isMissing(there.error())) return false;
  if (!there) return there.error();
  if (there->links > 1) return false;
  TENON_CHECK(files_.removeFile(path));
  return true;
}

}  // namespace tenon::host
