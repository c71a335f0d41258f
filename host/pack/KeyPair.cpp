#include "host/pack/KeyPair.h"

#include "host/adapter/AtomicFile.h"
#include "host/trust/KeyFile.h"

namespace tenon::host {

Result<KeyPair> makeKeyPair(Files& files, const Path& base) {
  const Path secret(base.text() + ".key"), open(base.text() + ".pub");
  for (const auto& path : {secret, open}) {
    if (files.exists(path)) {
      return Error{ErrorCode::AlreadyExists, path.text() + " is there already"}.withHint(
          "a key is never overwritten: choose another name");
    }
  }
  const Path folder = base.parent();
  const bool isNew = !files.exists(folder);
  TENON_CHECK(files.makeFolders(folder));
  const SecretKeyBytes key = generateSecretKey();
  const PublicKeyBytes publicKey = publicKeyOf(key);
  TENON_CHECK(writeAtomically(files, secret, toPem(key), true));
  TENON_CHECK(writeAtomically(files, open, toPem(publicKey)));
  if (isNew) TENON_CHECK(files.syncFolder(folder.parent()));
  return KeyPair{keyId(publicKey), secret, open};
}

}  // namespace tenon::host
