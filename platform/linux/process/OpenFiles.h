// How many files this process may have open at once. A server holds one for each service and each connection, and the usual
// limit of 1,024 is one for programs that know no better way to wait than select(): the hard limit is what an agent takes.
// What it starts, or becomes, has the limit that was there before.
#pragma once

#include <sys/resource.h>

#include <optional>

namespace tenon::platform {

class OpenFiles {
 public:
  // [lifecycle] As far as this process may by itself; where it may not, all stays as it was.
  void raise();
  // Of this process, as it was; and as it became.
  void restore() const;
  void raiseAgain() const;
  // What a child gets that asks for nothing; nothing: it inherits what is there.
  const std::optional<struct rlimit>& before() const { return before_; }

 private:
  std::optional<struct rlimit> before_;
};

}  // namespace tenon::platform
