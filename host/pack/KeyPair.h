// A new pair of Ed25519 keys as files that openssl reads (host/trust/KeyFile.h says the forms). No state; any thread.
#pragma once

#include "host/adapter/Files.h"

namespace tenon::host {

struct KeyPair {
  std::string id;  // keyId() of the public one
  Path secret;     // for the owner's eyes alone
  Path open;
};

// Makes BASE.key and BASE.pub, and BASE's folder where it is missing; durable on return. A secret without its public half
// may be left by a crash: openssl makes the half from it. Errors: already-exists (a key is never overwritten), those of
// writing.
Result<KeyPair> makeKeyPair(Files& files, const Path& base);

}  // namespace tenon::host
