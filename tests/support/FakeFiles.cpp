#include "tests/support/FakeFiles.h"

namespace tenon::host {

void FakeFiles::stopBefore(std::uint64_t n) {
  const std::lock_guard lock(mutex_);
  stopBefore_ = n;
}

void FakeFiles::failAt(std::uint64_t n, ErrorCode code) {
  const std::lock_guard lock(mutex_);
  failAt_ = n;
  failWith_ = code;
}

std::uint64_t FakeFiles::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

bool FakeFiles::stopped() const {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

std::vector<std::string> FakeFiles::log() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

void FakeFiles::powerCut(const Path& into, std::uint64_t variant) const {
  const std::lock_guard lock(mutex_);
  disk_.rebuild(real_, into, variant);
}

Result<void> FakeFiles::alive() const {
  if (stopped_) return Error(ErrorCode::Cancelled, "the process has died here");
  return {};
}

Result<void> FakeFiles::count(const std::string& operation) {
  if (stopBefore_ != 0 && calls_ + 1 >= stopBefore_) stopped_ = true;
  TENON_CHECK(alive());
  ++calls_;
  log_.push_back(operation);
  if (calls_ != failAt_) return {};
  return Error(failWith_, operation + ": injected " + std::string(name(failWith_)));
}

std::string FakeFiles::shown(const Path& path) const {
  const std::string beginning = root_.text() + "/";
  if (path.text().compare(0, beginning.size(), beginning) == 0) return path.text().substr(beginning.size());
  return path == root_ ? "." : path.text();
}

Path FakeFiles::pathOf(Handle in, std::string_view nameOrPath) const {
  if (in == 0) return Path(std::string(nameOrPath));
  const auto folder = folders_.find(in);
  return folder == folders_.end() ? Path(std::string(nameOrPath)) : folder->second.path / nameOrPath;
}

// By the open folder itself, which may have another path by now.
DiskModel::Place FakeFiles::placeOf(Handle in, std::string_view nameOrPath) const {
  if (in == 0) return disk_.locate(Path(std::string(nameOrPath)));
  const auto folder = folders_.find(in);
  return folder == folders_.end() ? DiskModel::Place{} : DiskModel::Place{folder->second.node, std::string(nameOrPath)};
}

Result<Files::Handle> FakeFiles::openFolder(Handle in, std::string_view nameOrPath) {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(alive());
  TENON_TRY(const Handle handle, real_.openFolder(in, nameOrPath));
  const Path path = pathOf(in, nameOrPath);
  folders_[handle] = {in == 0 ? disk_.find(path) : disk_.find(placeOf(in, nameOrPath)), path};
  return handle;
}

void FakeFiles::closeFolder(Handle folder) {
  const std::lock_guard lock(mutex_);
  folders_.erase(folder);
  real_.closeFolder(folder);
}

// Those of the way that were not there.
void FakeFiles::noteFolders(const Path& path) {
  if (path.empty() || path == root_ || disk_.find(path) != 0) return;
  noteFolders(path.parent());
  disk_.addFolder(disk_.locate(path));
}

Result<void> FakeFiles::makeFolder(Handle in, std::string_view nameOrPath, FolderOptions options) {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(count("makeFolder " + shown(pathOf(in, nameOrPath))));
  TENON_CHECK(real_.makeFolder(in, nameOrPath, options));
  if (in == 0) {
    noteFolders(pathOf(in, nameOrPath));
  } else if (disk_.find(placeOf(in, nameOrPath)) == 0) {
    disk_.addFolder(placeOf(in, nameOrPath));
  }
  return {};
}

Result<Files::Handle> FakeFiles::create(Handle in, std::string_view nameOrPath, CreateOptions options) {
  const std::lock_guard lock(mutex_);
  const std::string text = shown(pathOf(in, nameOrPath));
  TENON_CHECK(count("create " + text));
  TENON_TRY(const Handle handle, real_.create(in, nameOrPath, options));
  const auto place = placeOf(in, nameOrPath);
  auto node = disk_.find(place);
  if (node == 0) node = disk_.addFile(place, options.executable);
  writing_[handle] = {node, text, options.append};
  return handle;
}

Result<void> FakeFiles::makeSymlink(Handle in, std::string_view nameOrPath, std::string_view target) {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(count("makeSymlink " + shown(pathOf(in, nameOrPath))));
  TENON_CHECK(real_.makeSymlink(in, nameOrPath, target));
  disk_.addSymlink(placeOf(in, nameOrPath), target);
  return {};
}

Result<void> FakeFiles::write(Handle file, std::uint64_t offset, std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  const auto found = writing_.find(file);
  const Writing writing = found == writing_.end() ? Writing{0, "?", false} : found->second;
  const auto counted = count("write " + writing.text);
  if (!counted && stopped_) return counted;
  const std::string_view part = counted ? bytes : bytes.substr(0, bytes.size() / 2);
  TENON_CHECK(real_.write(file, offset, part));
  disk_.write(writing.node, offset, part, writing.append);
  return counted;
}

void FakeFiles::writeBehind(Handle file, std::uint64_t offset) {
  const std::lock_guard lock(mutex_);
  if (!stopped_) real_.writeBehind(file, offset);
}

Result<void> FakeFiles::syncFile(Handle file) {
  const std::lock_guard lock(mutex_);
  const auto found = writing_.find(file);
  const Writing writing = found == writing_.end() ? Writing{0, "?", false} : found->second;
  TENON_CHECK(count("syncFile " + writing.text));
  TENON_CHECK(real_.syncFile(file));
  disk_.syncFile(writing.node);
  return {};
}

Result<Files::Handle> FakeFiles::open(const Path& path, std::uint64_t& size) {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(alive());
  return real_.open(path, size);
}

Result<std::size_t> FakeFiles::read(Handle file, std::uint64_t offset, std::span<char> into) {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(alive());
  return real_.read(file, offset, into);
}

void FakeFiles::closeFile(Handle file) {
  const std::lock_guard lock(mutex_);
  writing_.erase(file);
  real_.closeFile(file);
}

Result<Files::Handle> FakeFiles::barrierOpen(const Path& under) {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(alive());
  TENON_TRY(const Handle handle, real_.barrierOpen(under));
  barriers_[handle] = disk_.find(under);
  return handle;
}

Result<void> FakeFiles::barrierSync(Handle barrier) {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(count("barrierSync"));
  TENON_CHECK(real_.barrierSync(barrier));
  if (const auto found = barriers_.find(barrier); found != barriers_.end()) disk_.syncAll(found->second);
  return {};
}

void FakeFiles::barrierClose(Handle barrier) {
  const std::lock_guard lock(mutex_);
  barriers_.erase(barrier);
  real_.barrierClose(barrier);
}

Result<Files::Handle> FakeFiles::lock(const Path& path) {
  const std::lock_guard guard(mutex_);
  TENON_CHECK(count("lock " + shown(path)));
  TENON_TRY(const Handle handle, real_.lock(path));
  if (disk_.find(path) == 0) disk_.addFile(disk_.locate(path), false);
  return handle;
}

void FakeFiles::unlock(Handle lock) { real_.unlock(lock); }

Result<void> FakeFiles::syncFolder(const Path& path) {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(count("syncFolder " + shown(path)));
  TENON_CHECK(real_.syncFolder(path));
  disk_.syncFolder(disk_.find(path));
  return {};
}

Result<void> FakeFiles::replace(const Path& from, const Path& to) {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(count("replace " + shown(from) + " " + shown(to)));
  TENON_CHECK(real_.replace(from, to));
  disk_.rename(disk_.locate(from), disk_.locate(to));
  return {};
}

Result<void> FakeFiles::renameNew(const Path& from, const Path& to) {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(count("renameNew " + shown(from) + " " + shown(to)));
  TENON_CHECK(real_.renameNew(from, to));
  disk_.rename(disk_.locate(from), disk_.locate(to));
  return {};
}

Result<void> FakeFiles::cloneOrLink(const Path& from, const Path& to) {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(count("cloneOrLink " + shown(from) + " " + shown(to)));
  TENON_CHECK(real_.cloneOrLink(from, to));
  if (links_ == Links::Hard) {
    disk_.addLink(disk_.locate(to), disk_.find(from));
  } else {
    disk_.addClone(disk_.locate(to), disk_.find(from));
  }
  return {};
}

Result<void> FakeFiles::removeFile(const Path& path) {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(count("removeFile " + shown(path)));
  TENON_CHECK(real_.removeFile(path));
  disk_.remove(disk_.locate(path));
  return {};
}

Result<void> FakeFiles::removeTree(const Path& path) {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(count("removeTree " + shown(path)));
  TENON_CHECK(real_.removeTree(path));
  disk_.remove(disk_.locate(path));
  return {};
}

Result<void> FakeFiles::emptyFront(const Path& log, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(count("emptyFront " + shown(log)));
  TENON_CHECK(real_.emptyFront(log, bytes));
  disk_.emptyFront(disk_.find(log), bytes);
  return {};
}

Result<void> FakeFiles::cutFront(const Path& log, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(count("cutFront " + shown(log)));
  TENON_CHECK(real_.cutFront(log, bytes));
  disk_.cutFront(disk_.find(log), bytes);
  return {};
}

Result<std::uint64_t> FakeFiles::firstData(const Path& log) {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(alive());
  return real_.firstData(log);
}

Result<SealedFile> FakeFiles::seal(const Path& library) {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(alive());
  return real_.seal(library);
}

Result<std::uint64_t> FakeFiles::freeSpace(const Path& under) {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(alive());
  return real_.freeSpace(under);
}

Result<FileInfo> FakeFiles::inspect(const Path& path) {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(alive());
  return real_.inspect(path);
}

Result<std::vector<FolderEntry>> FakeFiles::list(const Path& path) {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(alive());
  return real_.list(path);
}

Result<std::string> FakeFiles::readSymlink(const Path& path) {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(alive());
  return real_.readSymlink(path);
}

}  // namespace tenon::host
