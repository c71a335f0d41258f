#include "host/adapter/Files.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "host/base/Limits.h"

namespace tenon::host {

Result<std::string> Files::readAll(const Path& path, std::uint64_t most) {
  TENON_TRY(const auto file, ReadFile::open(*this, path));
  if (file.size() > most) {
    return Error(ErrorCode::LimitExceeded, path.text() + ": larger than " + std::to_string(most) + " bytes");
  }
  // It may grow or shrink meanwhile: what is read is what it held, up to the limit.
  std::string text(static_cast<std::size_t>(file.size()), '\0');
  TENON_TRY(const std::size_t got, file.read(0, text));
  text.resize(got);
  return text;
}

namespace {

Error noFront(const Path& log) {
  return Error(ErrorCode::PlatformUnsupported, log.text() + ": its front cannot go while it is written");
}

}  // namespace

Result<void> Files::emptyFront(const Path& log, std::uint64_t) { return noFront(log); }

Result<void> Files::cutFront(const Path& log, std::uint64_t) { return noFront(log); }

Result<std::uint64_t> Files::firstData(const Path& log) {
  TENON_CHECK(inspect(log));
  return std::uint64_t{0};
}

Result<SealedFile> Files::seal(const Path& library) {
  return Error(ErrorCode::PlatformUnsupported, library.text() + ": nothing here can be shut to those who would change it");
}

Result<ReadFile> ReadFile::open(Files& files, const Path& path) {
  std::uint64_t size = 0;
  TENON_TRY(const auto handle, files.open(path, size));
  return ReadFile(files, handle, size);
}

ReadFile::ReadFile(ReadFile&& other) noexcept
    : files_(other.files_), handle_(std::exchange(other.handle_, 0)), size_(other.size_) {}

ReadFile::~ReadFile() {
  if (handle_ != 0) files_->closeFile(handle_);
}

Result<std::size_t> ReadFile::read(std::uint64_t offset, std::span<char> into) const {
  return files_->read(handle_, offset, into);
}

Result<void> ReadFile::readExactly(std::uint64_t offset, std::span<char> into) const {
  TENON_TRY(const std::size_t got, read(offset, into));
  if (got == into.size()) return {};
  return Error(ErrorCode::ContentMissing, "the file ends at byte " + std::to_string(offset + got) + ", before byte " +
                                              std::to_string(offset + into.size()));
}

Result<WriteFile> WriteFile::create(Files& files, Files::Handle in, std::string_view nameOrPath, CreateOptions options) {
  TENON_TRY(const auto handle, files.create(in, nameOrPath, options));
  return WriteFile(files, handle);
}

WriteFile::WriteFile(WriteFile&& other) noexcept
    : files_(other.files_), handle_(std::exchange(other.handle_, 0)), written_(other.written_) {}

WriteFile::~WriteFile() {
  if (handle_ != 0) files_->closeFile(handle_);
}

Result<void> WriteFile::append(std::string_view bytes) {
  TENON_CHECK(files_->write(handle_, written_, bytes));
  written_ += bytes.size();
  return {};
}

Result<void> WriteFile::sync() { return files_->syncFile(handle_); }

void WriteFile::writeBehind() { files_->writeBehind(handle_, written_); }

Result<OpenFolder> OpenFolder::open(Files& files, const Path& path) { return openIn(files, 0, path.text()); }

Result<OpenFolder> OpenFolder::openIn(Files& files, Files::Handle in, std::string_view name) {
  TENON_TRY(const auto handle, files.openFolder(in, name));
  return OpenFolder(files, handle);
}

OpenFolder::OpenFolder(OpenFolder&& other) noexcept : files_(other.files_), handle_(std::exchange(other.handle_, 0)) {}

OpenFolder::~OpenFolder() {
  if (handle_ != 0) files_->closeFolder(handle_);
}

Result<Barrier> Barrier::open(Files& files, const Path& under) {
  TENON_TRY(const auto handle, files.barrierOpen(under));
  return Barrier(files, handle);
}

Barrier::Barrier(Barrier&& other) noexcept : files_(other.files_), handle_(std::exchange(other.handle_, 0)) {}

Barrier::~Barrier() {
  if (handle_ != 0) files_->barrierClose(handle_);
}

Result<void> Barrier::sync() { return files_->barrierSync(handle_); }

Result<FileLock> FileLock::acquire(Files& files, const Path& path) {
  TENON_TRY(const auto handle, files.lock(path));
  return FileLock(files, handle);
}

FileLock::FileLock(FileLock&& other) noexcept : files_(other.files_), handle_(std::exchange(other.handle_, 0)) {}

FileLock::~FileLock() {
  if (handle_ != 0) files_->unlock(handle_);
}

void Follower::pump(const std::function<void(std::string_view)>& take, std::uint64_t most) {
  const auto file = ReadFile::open(files_, file_);
  if (!file) return;
  std::string chunk(64 * limits::KiB, '\0');
  while (at_ < std::min(file->size(), most)) {
    const auto got = file->read(at_, chunk);
    if (!got || *got == 0) break;
    at_ += *got;
    take(std::string_view(chunk).substr(0, *got));
  }
}

Path temporaryFolder() {
  const auto text = std::filesystem::temp_directory_path().generic_u8string();
  return Path(std::string(text.begin(), text.end()));
}

}  // namespace tenon::host
