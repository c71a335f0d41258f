// The roots that a node or a hub has followed: on its disk, and the one in force in memory. What is on the disk is verified
// again, step by step, whenever it is opened. One thread at a time.
#pragma once

#include <optional>

#include "host/store/TrustStore.h"
#include "host/trust/RootChain.h"

namespace tenon::host {

class FollowedRoots {
 public:
  // Nothing pinned is no error. `files` outlives them. Errors: state-corrupt, and those of RootChain.
  static Result<FollowedRoots> open(Files& files, const PackageLayout& layout);

  const RootDocument* inForce() const { return chain_ ? &chain_->root() : nullptr; }  // null where none is pinned

  // A root from an operator's hand: pins it where none is pinned yet, follows it where it is the next one, and is content
  // where it is one that was followed before. Answers whether it is new here. already-exists where there is another
  // root of that version here; binding-mismatch where steps between are missing.
  Result<bool> take(const SignedText& root);
  // The next root, from wherever it comes. Durable once it answers; after an error both disk and memory are what they were.
  Result<void> follow(const SignedText& next);

 private:
  explicit FollowedRoots(TrustStore store) : store_(std::move(store)) {}
  Result<void> pin(const SignedText& first);

  TrustStore store_;
  std::optional<RootChain> chain_;
};

}  // namespace tenon::host
