// The same content under a second name: reflink, else hard link, else copy.
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include <algorithm>

#include "platform/linux/file/FileAdapter.h"
#include "platform/linux/file/Where.h"

namespace tenon::platform {

namespace {

constexpr std::size_t kCopyBytes = 8u << 20;  // a call

struct Copying {
  int source;
  struct stat found;
  const std::string& target;
  std::string doing;
};

// The new file. It gets its name when it is kept, whole: a process that is killed before leaves nothing. Where the file
// system knows no files without a name, it has its name from the beginning and is gone again unless kept.
class NewFile {
 public:
  explicit NewFile(const Copying& copying) : text_(copying.target), descriptor_(openUnnamed()) {
    if (descriptor_) return;
    named_ = true;
    descriptor_ = Descriptor(
        ::open(text_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, copying.found.st_mode & 0777));
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile() {
    if (named_ && descriptor_ && !kept_) ::unlink(text_.c_str());
  }
  int get() const { return descriptor_.get(); }
  explicit operator bool() const { return static_cast<bool>(descriptor_); }
  bool keep(mode_t mode) {
    kept_ = ::fchmod(get(), mode & 0777) == 0 && (named_ || giveName());
    return kept_;
  }

 private:
  int openUnnamed() const {
    const auto slash = text_.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : text_.substr(0, std::max<std::size_t>(slash, 1));
    return ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  }
  bool giveName() const {
    const std::string unnamed = "/proc/self/fd/" + std::to_string(get());
    return ::linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, text_.c_str(), AT_SYMLINK_FOLLOW) == 0;
  }

  const std::string& text_;
  Descriptor descriptor_;
  bool named_ = false, kept_ = false;
};

bool meansCannotClone(int error) {
  return error == EOPNOTSUPP || error == ENOTTY || error == EXDEV || error == EINVAL || error == ENOSYS || error == EPERM;
}

bool meansCannotLink(int error) {
  return error == EXDEV || error == EMLINK || error == EPERM || error == EOPNOTSUPP || error == ENOSYS;
}

Outcome clone(const Copying& copying, bool& cannot) {
  NewFile file(copying);
  if (!file) return osFault(copying.doing, errno);
  if (::ioctl(file.get(), FICLONE, copying.source) != 0) {
    cannot = meansCannotClone(errno);
    return osFault(copying.doing, errno);
  }
  return file.keep(copying.found.st_mode) ? kDone : Outcome(osFault(copying.doing, errno));
}

Outcome copy(const Copying& copying) {
  NewFile file(copying);
  if (!file) return osFault(copying.doing, errno);
  auto left = static_cast<std::size_t>(copying.found.st_size);
  off_t at = 0;
  while (left > 0) {
    const ssize_t moved = ::sendfile(file.get(), copying.source, &at, std::min(left, kCopyBytes));
    if (moved < 0 && errno == EINTR) continue;
    if (moved < 0) return osFault(copying.doing, errno);
    if (moved == 0) return Fault{TENON_UNAVAILABLE, copying.doing + ": the source became shorter", "io-error"};
    left -= static_cast<std::size_t>(moved);
  }
  return file.keep(copying.found.st_mode) ? kDone : Outcome(osFault(copying.doing, errno));
}

}  // namespace

bool FileAdapter::clones(dev_t device) const {
  const std::lock_guard lock(mutex_);
  return !withoutClones_.contains(device);
}

void FileAdapter::clonesNot(dev_t device) {
  const std::lock_guard lock(mutex_);
  withoutClones_.insert(device);
}

// A package has tens of thousands of files: on a file system that has refused a reflink a link costs two calls.
Outcome FileAdapter::cloneOrLink(std::string_view from, std::string_view to) {
  std::string source, target;
  if (auto fault = checkPath(from, source)) return fault;
  if (auto fault = checkPath(to, target)) return fault;
  const auto doing = [&] { return "link " + source + " to " + target; };
  struct stat found = {};
  if (::lstat(source.c_str(), &found) != 0) return osFault(doing(), errno);
  if (!S_ISREG(found.st_mode)) return Fault{TENON_DENIED, doing() + ": the source is no regular file", "denied"};
  if (!clones(found.st_dev)) {
    if (::linkat(AT_FDCWD, source.c_str(), AT_FDCWD, target.c_str(), 0) == 0) return kDone;
    if (!meansCannotLink(errno)) return osFault(doing(), errno);
  }
  return cloneLinkOrCopy(source, target);
}

Outcome FileAdapter::cloneLinkOrCopy(const std::string& source, const std::string& target) {
  const std::string doing = "link " + source + " to " + target;
  const Descriptor open(::open(source.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!open) return osFault(doing, errno);
  Copying copying{open.get(), {}, target, doing};
  if (::fstat(open.get(), &copying.found) != 0) return osFault(doing, errno);
  if (!S_ISREG(copying.found.st_mode)) return Fault{TENON_DENIED, doing + ": the source is no regular file", "denied"};

  if (clones(copying.found.st_dev)) {
    bool cannot = false;
    const Outcome fault = clone(copying, cannot);
    if (!cannot) return fault;
    clonesNot(copying.found.st_dev);
  }
  if (::linkat(AT_FDCWD, source.c_str(), AT_FDCWD, target.c_str(), 0) == 0) return kDone;
  if (!meansCannotLink(errno)) return osFault(doing, errno);
  return copy(copying);
}

}  // namespace tenon::platform
