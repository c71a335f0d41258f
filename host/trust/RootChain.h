// From the root that was pinned to the one in force, one step at a time: root N+1 counts only when the thresholds of N and
// of N+1 both signed it. Keeps nothing on a disk. One thread at a time.
#pragma once

#include "host/trust/RootDocument.h"

namespace tenon::host {

class RootChain {
 public:
  // The first root, which somebody chose to trust: signed by its own threshold. Errors: those of checkSigned and parse.
  static Result<RootChain> pin(const SignedText& first);

  // The next one. After an error the chain is what it was. binding-mismatch where it is not exactly the next version.
  Result<void> follow(const SignedText& next);

  const RootDocument& root() const { return root_; }

 private:
  explicit RootChain(RootDocument root) : root_(std::move(root)) {}
  RootDocument root_;
};

// May `next` come after `root`, whoever signed it? binding-mismatch (version), key-revoked (a revoked key is free again).
Result<void> checkSuccessor(const RootDocument& root, const RootDocument& next);

}  // namespace tenon::host
