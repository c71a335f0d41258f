// Signatures beside a document (MANIFEST.sig, root and index): lines "ed25519 <key id> <base64>", each a plain Ed25519
// signature over the document's exact bytes. One text for one list, so parsing refuses whatever toSignatureFile would not
// have written. No state; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/trust/KeyFile.h"

namespace tenon::host {

struct SignatureLine {
  std::string keyId;
  SignatureBytes signature;
};

// `name`: of the file, for messages. format-invalid; no key id stands there twice.
Result<std::vector<SignatureLine>> parseSignatureFile(std::string_view text, const std::string& name = "MANIFEST.sig");
std::string toSignatureFile(const std::vector<SignatureLine>& lines);
// One line of each key.
std::vector<SignatureLine> signaturesOf(const std::vector<SecretKeyBytes>& keys, std::string_view document);

}  // namespace tenon::host
