#include "host/trust/RootChain.h"

#include <algorithm>

namespace tenon::host {
namespace {

std::string rootNamed(std::uint64_t version) { return "root " + std::to_string(version); }

}  // namespace

Result<RootChain> RootChain::pin(const SignedText& first) {
  TENON_TRY(auto root, RootDocument::parse(first.text));
  TENON_CHECK(checkSigned(root, TrustRole::Root, first, rootNamed(root.version)));
  return RootChain(std::move(root));
}

Result<void> RootChain::follow(const SignedText& next) {
  const std::string what = rootNamed(root_.version + 1);
  // Those who may speak now, over the raw bytes, before anything in them is read.
  TENON_CHECK(withContext(what + ", by " + rootNamed(root_.version), checkSigned(root_, TrustRole::Root, next, what)));
  TENON_TRY(auto successor, withContext(what, RootDocument::parse(next.text)));
  TENON_CHECK(checkSuccessor(root_, successor));
  TENON_CHECK(withContext(what + ", by itself", checkSigned(successor, TrustRole::Root, next, what)));
  root_ = std::move(successor);
  return {};
}

Result<void> checkSuccessor(const RootDocument& root, const RootDocument& next) {
  if (next.version != root.version + 1) {
    return Error(ErrorCode::BindingMismatch, "after " + rootNamed(root.version) + " comes no " + rootNamed(next.version))
        .withHint("roots are followed one by one: " + rootNamed(root.version + 1) + " is next");
  }
  for (const auto& id : root.revokedKeys) {
    if (next.revokedKeys.contains(id)) continue;
    return Error(ErrorCode::KeyRevoked, rootNamed(next.version) + " takes back that key " + shortKeyId(id) + " is revoked")
        .withHint("a revoked key stays revoked; make a new one");
  }
  return {};
}

}  // namespace tenon::host
