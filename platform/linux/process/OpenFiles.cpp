#include "platform/linux/process/OpenFiles.h"

namespace tenon::platform {

void OpenFiles::raise() {
  struct rlimit now = {};
  if (before_ || ::getrlimit(RLIMIT_NOFILE, &now) != 0) return;
  before_ = now;
  raiseAgain();
}

void OpenFiles::restore() const {
  if (before_) ::setrlimit(RLIMIT_NOFILE, &*before_);
}

void OpenFiles::raiseAgain() const {
  if (!before_) return;
  const struct rlimit most = {before_->rlim_max, before_->rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &most);
}

}  // namespace tenon::platform
