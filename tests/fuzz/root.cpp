// The root, and signature files: one text for one content.
#include "host/trust/RootChain.h"
#include "tests/fuzz/Fuzz.h"

using namespace tenon::host;

TENON_FUZZ(text) {
  if (const auto lines = parseSignatureFile(text); lines) {
    must(toSignatureFile(*lines) == text, "an accepted signature file is written as it was read");
  } else {
    mustBeOneLine(lines.error());
  }
  if (const auto key = publicKeyFromText(text); key) {
    const auto again = publicKeyFromText(toPem(*key));
    must(again && *again == *key, "a key is read again as the same");
  }
  const auto root = RootDocument::parse(text);
  if (!root) return mustBeOneLine(root.error());
  must(root->text() == text, "what is accepted is written as it was read");
  must(root->check().has_value(), "what is accepted can be met");
  must(!RootChain::pin({std::string(text), ""}), "a root without signatures is never pinned");
  must(!checkSuccessor(*root, *root), "no root follows itself");
  auto next = *root;
  ++next.version;
  must(checkSuccessor(*root, next).has_value(), "the same root with the next version may follow");
}
