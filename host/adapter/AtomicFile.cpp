#include "host/adapter/AtomicFile.h"

#include <algorithm>
#include <cstdint>
#include <random>

namespace tenon::host {
namespace {

constexpr std::string_view kTemporarySuffix = ".tmp";
constexpr std::size_t kUniqueDigits = 16;
// A name may have 255 bytes; the dots, digits and ending of a temporary take 22 of them.
constexpr std::size_t kNameBytesKept = 200;

bool isHexDigit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

enum class Durable { No, Yes };

Result<void> writeWhole(Files& files, const Path& path, std::string_view content, CreateOptions how, Durable durable) {
  TENON_TRY(auto file, WriteFile::create(files, 0, path.text(), how));
  TENON_CHECK(file.append(content));
  if (durable == Durable::No) return {};
  return file.sync();
}

Result<void> replaceWith(Files& files, const Path& path, std::string_view content, CreateOptions how, Durable durable) {
  const Path temporary = temporaryBeside(path);
  auto done = writeWhole(files, temporary, content, how, durable);
  if (done) done = files.replace(temporary, path);
  // The first error is the one to tell; a temporary that stays is swept by removeTemporaries.
  if (!done) static_cast<void>(files.removeFile(temporary));
  return withContext("write " + path.text(), std::move(done));
}

}  // namespace

std::string uniqueSuffix() {
  std::random_device random;
  const auto number = (std::uint64_t{random()} << 32) | random();
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(kUniqueDigits, '0');
  for (std::size_t i = 0; i < kUniqueDigits; ++i) text[i] = kDigits[(number >> (4 * i)) & 0x0f];
  return text;
}

Path temporaryBeside(const Path& path) {
  return path.parent() /
         ("." + path.name().substr(0, kNameBytesKept) + "." + uniqueSuffix() + std::string(kTemporarySuffix));
}

bool isTemporaryName(std::string_view name) {
  if (!name.starts_with('.') || !name.ends_with(kTemporarySuffix)) return false;
  name.remove_suffix(kTemporarySuffix.size());
  if (name.size() < kUniqueDigits + 3) return false;  // ".x." and the digits
  const auto digits = name.substr(name.size() - kUniqueDigits);
  return name[name.size() - kUniqueDigits - 1] == '.' && std::all_of(digits.begin(), digits.end(), isHexDigit);
}

Result<void> writeAtomically(Files& files, const Path& path, std::string_view content, bool ownerOnly) {
  TENON_CHECK(replaceWith(files, path, content, {.ownerOnly = ownerOnly}, Durable::Yes));
  return withContext("write " + path.text(), files.syncFolder(path.parent()));
}

Result<void> replaceAtomically(Files& files, const Path& path, std::string_view content, bool ownerOnly) {
  return replaceWith(files, path, content, {.ownerOnly = ownerOnly}, Durable::No);
}

Result<void> removeDurably(Files& files, const Path& path) {
  const std::string doing = "remove " + path.text();
  // Without this, syncing a folder that is not there would make an error of "nothing to remove".
  if (const auto there = files.inspect(path); !there) {
    if (there.error().code() == ErrorCode::NotFound) return {};
    return withContext(doing, Result<void>(there.error()));
  }
  TENON_CHECK(withContext(doing, files.removeFile(path)));
  return withContext(doing, files.syncFolder(path.parent()));
}

Result<void> removeTemporaries(Files& files, const Path& folder) {
  const auto entries = files.list(folder);
  if (!entries) {
    if (entries.error().code() == ErrorCode::NotFound) return {};
    return withContext("sweep " + folder.text(), Result<void>(entries.error()));
  }
  return removeTemporaries(files, folder, *entries);
}

Result<void> removeTemporaries(Files& files, const Path& folder, const std::vector<FolderEntry>& entries) {
  for (const auto& entry : entries) {
    if (entry.kind == FileKind::File && isTemporaryName(entry.name)) TENON_CHECK(files.removeFile(folder / entry.name));
  }
  return {};
}

}  // namespace tenon::host
