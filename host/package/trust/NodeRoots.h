// The roots that this node has followed: on its disk, and the one in force in memory. What is on the disk is verified again,
// step by step, whenever it is opened. One thread at a time.
#pragma once

#include <optional>

#include "host/store/TrustStore.h"
#include "host/trust/RootChain.h"

namespace tenon::host {

class NodeRoots {
 public:
  // Nothing pinned is no error. `files` outlives them. Errors: state-corrupt, and those of RootChain.
  static Result<NodeRoots> open(Files& files, const PackageLayout& layout);

  const RootDocument* inForce() const { return chain_ ? &chain_->root() : nullptr; }  // null where none is pinned

  // A root from an operator's hand: pins it where none is pinned yet, follows it where it is the next one, and is content
  // where it is one that this node has followed. Answers whether it is new here. already-exists where this node has another
  // root of that version; binding-mismatch where steps between are missing.
  Result<bool> take(const SignedText& root);
  // The next root, from wherever it comes. Durable once it answers; after an error both disk and memory are what they were.
  Result<void> follow(const SignedText& next);

 private:
  explicit NodeRoots(TrustStore store) : store_(std::move(store)) {}
  Result<void> pin(const SignedText& first);

  TrustStore store_;
  std::optional<RootChain> chain_;
};

}  // namespace tenon::host
