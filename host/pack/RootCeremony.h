// The operator's side of trust: a folder with 1.json, 1.json.sig, 2.json …, to which a ceremony adds a root and its
// signatures, one offline key after the other. Needs no node, no hub and no network. No state; one thread at a time in one
// folder.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/adapter/Files.h"
#include "host/trust/RootChain.h"

namespace tenon::host {

struct RoleChange {
  std::vector<PublicKeyBytes> add;
  std::vector<std::string> remove;  // key ids, or what they begin with
  std::optional<std::size_t> threshold;
  bool empty() const { return add.empty() && remove.empty() && !threshold; }
};

struct RootChange {
  std::map<TrustRole, RoleChange> roles;
  std::vector<std::string> revokeKeys;  // likewise; also taken out of every role
  std::vector<ReleaseSpec> revokeReleases;
  std::vector<ReleaseSpec> restoreReleases;  // revoked by mistake
};

// Whose signatures a root still lacks.
struct SignatureState {
  RootDocument root;
  Path file;
  // By its own threshold, and by that of the root before: what is wanted, who has signed, who could.
  struct Side {
    std::uint64_t version = 0;
    std::size_t threshold = 0;
    std::vector<std::string> signedBy, open;
  };
  std::vector<Side> sides;
  bool isComplete() const;
};

class RootCeremony {
 public:
  // `files` outlives it.
  RootCeremony(Files& files, Path folder) : files_(files), folder_(std::move(folder)) {}

  // 1.json, without signatures. already-exists where the folder has a root.
  Result<SignatureState> create(const RootChange& roles);
  // The root after the last one, which must be complete. usage where the change changes nothing or names what is not there.
  Result<SignatureState> rotate(const RootChange& change);
  // The newest root, or the one of that version.
  Result<SignatureState> state(std::optional<std::uint64_t> version = std::nullopt);

  // Adds this key's signature to FILE.sig, in place of one that it made before. FILE stands in such a folder, with the root
  // before it. key-role where neither that root nor this one lets the key sign roots.
  static Result<SignatureState> sign(Files& files, const Path& file, const SecretKeyBytes& key);

 private:
  Path file(std::uint64_t version) const { return folder_ / (std::to_string(version) + ".json"); }
  Result<std::uint64_t> newest() const;  // 0 where there is none
  Result<SignedText> read(std::uint64_t version) const;
  Result<RootDocument> document(std::uint64_t version) const;

  Files& files_;
  Path folder_;
};

}  // namespace tenon::host
