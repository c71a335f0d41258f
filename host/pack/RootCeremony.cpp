#include "host/pack/RootCeremony.h"

#include <algorithm>

#include "host/adapter/AtomicFile.h"
#include "host/base/Limits.h"
#include "host/store/TrustStore.h"

namespace tenon::host {
namespace {

constexpr std::size_t kLeastIdDigits = 8;  // as much of an id as names one key among a handful

Error changesNothing(const std::string& what) {
  return Error(ErrorCode::Usage, what).withHint("tenon trust show lists keys, roles and thresholds");
}

// The whole id of a key that the root lists.
Result<std::string> idOf(const RootDocument& root, const std::string& text) {
  std::vector<std::string> found;
  for (const auto& [id, key] : root.keys) {
    if (id.starts_with(text)) found.push_back(id);
  }
  if (found.size() == 1 && text.size() >= kLeastIdDigits) return found.front();
  return changesNothing(found.size() > 1 || text.size() < kLeastIdDigits
                            ? "\"" + text + "\" is not enough to name one key"
                            : "no key of root " + std::to_string(root.version) + " begins with \"" + text + "\"");
}

Result<void> changeRole(RootDocument& root, TrustRole which, const RoleChange& change) {
  RoleKeys& role = root.role(which);
  for (const auto& text : change.remove) {
    TENON_TRY(const auto id, idOf(root, text));
    if (role.keys.erase(id) == 0) {
      return changesNothing("key " + shortKeyId(id) + " has not the role " + std::string(name(which)));
    }
  }
  for (const auto& key : change.add) {
    const std::string id = keyId(key);
    if (root.revokedKeys.contains(id)) {
      return Error(ErrorCode::KeyRevoked, "key " + shortKeyId(id) + " is revoked").withHint("make a new one: tenon key gen");
    }
    root.keys.emplace(id, key);
    if (!role.keys.insert(id).second) {
      return changesNothing("key " + shortKeyId(id) + " has the role " + std::string(name(which)) + " already");
    }
  }
  if (change.threshold) role.threshold = *change.threshold;
  return {};
}

Result<void> apply(RootDocument& root, const RootChange& change) {
  for (const auto& [role, roleChange] : change.roles) TENON_CHECK(changeRole(root, role, roleChange));
  for (const auto& text : change.revokeKeys) {
    TENON_TRY(const auto id, idOf(root, text));
    for (auto& role : root.roles) role.keys.erase(id);
    root.revokedKeys.insert(id);
  }
  for (const auto& spec : change.revokeReleases) {
    if (!spec.version) return changesNothing("a release is revoked by its version: " + spec.service.text() + "@VERSION");
    root.revokedReleases.emplace(spec.service.text(), spec.version->text());
  }
  for (const auto& spec : change.restoreReleases) {
    if (!spec.version || root.revokedReleases.erase({spec.service.text(), spec.version->text()}) == 0) {
      return changesNothing(spec.service.text() + " is not revoked in that version");
    }
  }
  // A key without a role has no place in the list.
  std::erase_if(root.keys, [&](const auto& key) {
    return std::none_of(root.roles.begin(), root.roles.end(),
                        [&](const RoleKeys& role) { return role.keys.contains(key.first); });
  });
  return root.check();
}

SignatureState::Side sideOf(const RootDocument& judge, const SignedText& document) {
  const RoleKeys& role = judge.role(TrustRole::Root);
  SignatureState::Side side{.version = judge.version, .threshold = role.threshold, .signedBy = {}, .open = {}};
  const auto lines = parseSignatureFile(document.signatures);
  for (const auto& id : role.keys) {
    const bool has = lines && std::any_of(lines->begin(), lines->end(), [&](const auto& line) {
                       return line.keyId == id && verifyEd25519(judge.keys.at(id), document.text, asText(line.signature));
                     });
    (has ? side.signedBy : side.open).push_back(id);
  }
  return side;
}

bool mayWrite(const RootDocument& root, const std::string& id) { return root.role(TrustRole::Root).keys.contains(id); }

}  // namespace

bool SignatureState::isComplete() const {
  return std::all_of(sides.begin(), sides.end(), [](const Side& side) { return side.signedBy.size() >= side.threshold; });
}

Result<std::uint64_t> RootCeremony::newest() const {
  const auto entries = files_.list(folder_);
  if (!entries && entries.error().code() == ErrorCode::NotFound) return std::uint64_t{0};
  if (!entries) return entries.error();
  std::uint64_t newest = 0;
  for (const auto& entry : *entries) newest = std::max(newest, rootVersionOf(entry.name).value_or(0));
  return newest;
}

Result<SignedText> RootCeremony::read(std::uint64_t version) const {
  SignedText read;
  TENON_TRY(read.text, files_.readAll(file(version), limits::kRootBytes));
  auto signatures = files_.readAll(signatureFileOf(file(version)), limits::kManifestSignatureBytes);
  if (signatures) {
    read.signatures = *std::move(signatures);
  } else if (signatures.error().code() != ErrorCode::NotFound) {
    return signatures.error();
  }
  TENON_CHECK(parseSignatureFile(read.signatures, signatureFileOf(file(version)).text()));
  return read;
}

Result<RootDocument> RootCeremony::document(std::uint64_t version) const {
  TENON_TRY(const auto text, files_.readAll(file(version), limits::kRootBytes));
  TENON_TRY(auto root, withContext(file(version).text(), RootDocument::parse(text)));
  if (root.version == version) return root;
  return Error(ErrorCode::BindingMismatch, file(version).text() + " holds root " + std::to_string(root.version));
}

Result<SignatureState> RootCeremony::state(std::optional<std::uint64_t> version) {
  TENON_TRY(const auto last, newest());
  const std::uint64_t wanted = version.value_or(last);
  if (wanted == 0) {
    return Error(ErrorCode::NotFound, folder_.text() + " has no root")
        .withHint("begin with: tenon trust create " + folder_.text());
  }
  TENON_TRY(auto root, document(wanted));
  TENON_TRY(const auto text, read(wanted));
  SignatureState state{.root = std::move(root), .file = file(wanted), .sides = {}};
  if (wanted > 1) {
    TENON_TRY(const auto before, document(wanted - 1));
    TENON_CHECK(checkSuccessor(before, state.root));
    state.sides.push_back(sideOf(before, text));
  }
  state.sides.push_back(sideOf(state.root, text));
  return state;
}

Result<SignatureState> RootCeremony::create(const RootChange& roles) {
  TENON_TRY(const auto last, newest());
  if (last != 0) {
    return Error(ErrorCode::AlreadyExists, folder_.text() + " has root " + std::to_string(last))
        .withHint("the next one is made with: tenon trust rotate " + folder_.text());
  }
  RootDocument root;
  TENON_CHECK(apply(root, roles));
  const bool isNew = !files_.exists(folder_);
  TENON_CHECK(files_.makeFolders(folder_));
  TENON_CHECK(writeAtomically(files_, file(1), root.text()));
  if (isNew) TENON_CHECK(files_.syncFolder(folder_.parent()));
  return state(1);
}

Result<SignatureState> RootCeremony::rotate(const RootChange& change) {
  TENON_TRY(const auto last, state());
  if (!last.isComplete()) {
    return Error(ErrorCode::ThresholdUnmet, last.file.text() + " lacks signatures, and a root comes after a complete one")
        .withHint("tenon trust show " + folder_.text() + " says whose; or remove that file and its .sig, and rotate anew");
  }
  RootDocument root = last.root;
  TENON_CHECK(apply(root, change));
  if (root.text() == last.root.text()) return changesNothing("that changes nothing");
  ++root.version;
  TENON_CHECK(writeAtomically(files_, file(root.version), root.text()));
  return state(root.version);
}

Result<SignatureState> RootCeremony::sign(Files& files, const Path& path, const SecretKeyBytes& key) {
  const auto version = rootVersionOf(path.name());
  if (!version) {
    return Error(ErrorCode::Usage, path.text() + " is no root: roots are named 1.json, 2.json …")
        .withHint("packages are signed when they are packed: tenon pack FOLDER --key SECRET.key");
  }
  RootCeremony ceremony(files, path.parent());
  TENON_TRY(const auto before, ceremony.state(*version));
  const std::string id = keyId(publicKeyOf(key));
  bool may = mayWrite(before.root, id);
  if (!may && *version > 1) {
    TENON_TRY(const auto previous, ceremony.document(*version - 1));
    may = mayWrite(previous, id);
  }
  if (!may) {
    return Error(ErrorCode::KeyRole,
                 "key " + shortKeyId(id) + " may not sign roots: it is no root key of this root or of the one before")
        .withHint("tenon trust show " + path.parent().text() + " says whose signatures are wanted");
  }
  TENON_TRY(const auto document, ceremony.read(*version));
  TENON_TRY(auto lines, parseSignatureFile(document.signatures));
  std::erase_if(lines, [&](const auto& line) { return line.keyId == id; });
  lines.push_back({id, signEd25519(key, document.text)});
  TENON_CHECK(writeAtomically(files, signatureFileOf(path), toSignatureFile(lines)));
  return ceremony.state(*version);
}

}  // namespace tenon::host
