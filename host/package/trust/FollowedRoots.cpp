#include "host/package/trust/FollowedRoots.h"

namespace tenon::host {

Result<FollowedRoots> FollowedRoots::open(Files& files, const PackageLayout& layout) {
  FollowedRoots roots{TrustStore(files, layout)};
  TENON_TRY(const auto kept, roots.store_.roots());
  for (const auto& [version, document] : kept) {
    const std::string where = layout.root(version).text();
    if (!roots.chain_) {
      TENON_TRY(roots.chain_, withContext(where, RootChain::pin(document)));
    } else {
      TENON_CHECK(withContext(where, roots.chain_->follow(document)));
    }
    if (roots.chain_->root().version != version) {
      return Error(ErrorCode::StateCorrupt, where + " holds root " + std::to_string(roots.chain_->root().version));
    }
  }
  return roots;
}

Result<bool> FollowedRoots::take(const SignedText& root) {
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
               "another root " + std::to_string(meant.version) + " than the one given is trusted here already")
      .withHint("a pinned root is replaced only by its successors; docs/trust.md says how to begin anew");
}

Result<void> FollowedRoots::pin(const SignedText& first) {
  TENON_TRY(auto chain, RootChain::pin(first));
  TENON_CHECK(store_.add({chain.root().version, first}));
  chain_ = std::move(chain);
  return {};
}

Result<void> FollowedRoots::follow(const SignedText& next) {
  RootChain further = *chain_;
  TENON_CHECK(further.follow(next));
  TENON_CHECK(store_.add({further.root().version, next}));
  chain_ = std::move(further);
  return {};
}

}  // namespace tenon::host
