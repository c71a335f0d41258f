#include "host/package/trust/NodeRoots.h"

namespace tenon::host {

Result<NodeRoots> NodeRoots::open(Files& files, const PackageLayout& layout) {
  NodeRoots node{TrustStore(files, layout)};
  TENON_TRY(const auto kept, node.store_.roots());
  for (const auto& [version, document] : kept) {
    const std::string where = layout.root(version).text();
    if (!node.chain_) {
      TENON_TRY(node.chain_, withContext(where, RootChain::pin(document)));
    } else {
      TENON_CHECK(withContext(where, node.chain_->follow(document)));
    }
    if (node.chain_->root().version != version) {
      return Error(ErrorCode::StateCorrupt, where + " holds root " + std::to_string(node.chain_->root().version));
    }
  }
  return node;
}

Result<bool> NodeRoots::take(const SignedText& root) {
  if (!chain_) {
    TENON_CHECK(pin(root));
    return true;
  }
  // Only to see which one is meant: follow() reads nothing before it is verified.
  TENON_TRY(const auto meant, RootDocument::parse(root.text));
  if (meant.version > chain_->root().version) {
    TENON_CHECK(follow(root));
    return true;
  }
  TENON_TRY(const auto kept, store_.roots());
  for (const auto& [version, document] : kept) {
    if (version == meant.version && document.text == root.text) return false;
  }
  return Error(ErrorCode::AlreadyExists,
               "this node trusts by another root " + std::to_string(meant.version) + " than the one given")
      .withHint("a pinned root is replaced only by its successors; docs/trust.md says how to begin anew");
}

Result<void> NodeRoots::pin(const SignedText& first) {
  TENON_TRY(auto chain, RootChain::pin(first));
  TENON_CHECK(store_.add({chain.root().version, first}));
  chain_ = std::move(chain);
  return {};
}

Result<void> NodeRoots::follow(const SignedText& next) {
  RootChain further = *chain_;
  TENON_CHECK(further.follow(next));
  TENON_CHECK(store_.add({further.root().version, next}));
  chain_ = std::move(further);
  return {};
}

}  // namespace tenon::host
