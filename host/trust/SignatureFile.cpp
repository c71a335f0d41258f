#include "host/trust/SignatureFile.h"

#include <algorithm>
#include <set>

#include "host/base/Limits.h"
namespace tenon::host {
namespace {

constexpr std::string_view kAlgorithm = "ed25519 ";

Error wrongLine(std::size_t line, const std::string& what) {
  return Error(ErrorCode::FormatInvalid, "line " + std::to_string(line) + ": " + what);
}

Result<SignatureLine> parseLine(std::string_view text, std::size_t number) {
  constexpr std::size_t kIdDigits = 64;
  if (!text.starts_with(kAlgorithm)) return wrongLine(number, "does not begin with \"ed25519 \"");
  text.remove_prefix(kAlgorithm.size());
  const auto id = text.substr(0, kIdDigits);
  if (!Digest::parse(id) || text.size() <= kIdDigits || text[kIdDigits] != ' ') {
    return wrongLine(number, "the key id is not 64 lower-case hex digits and a space");
  }
  const auto bytes = fromBase64(text.substr(kIdDigits + 1));
  if (!bytes) return wrongLine(number, bytes.error().message());
  SignatureLine line{.keyId = std::string(id), .signature = {}};
  if (bytes->size() != line.signature.size()) {
    return wrongLine(number, "a signature of " + std::to_string(bytes->size()) + " bytes, where Ed25519 has 64");
  }
  std::transform(bytes->begin(), bytes->end(), line.signature.begin(), [](char c) { return static_cast<unsigned char>(c); });
  return line;
}

Result<std::vector<SignatureLine>> parseLines(std::string_view text) {
  if (text.size() > limits::kManifestSignatureBytes) {
    return Error(ErrorCode::FormatInvalid,
                 std::to_string(text.size()) + " bytes; the limit is " + std::to_string(limits::kManifestSignatureBytes));
  }
  std::vector<SignatureLine> lines;
  std::set<std::string, std::less<>> ids;
  while (!text.empty()) {
    const std::size_t number = lines.size() + 1;
    if (number > limits::kSignatures) {
      return wrongLine(number, "more than " + std::to_string(limits::kSignatures) + " signatures");
    }
    const auto end = text.find('\n');
    if (end == text.npos) return wrongLine(number, "does not end in a newline");
    TENON_TRY(SignatureLine line, parseLine(text.substr(0, end), number));
    if (!ids.insert(line.keyId).second) return wrongLine(number, "key " + shortKeyId(line.keyId) + " signs twice");
    lines.push_back(std::move(line));
    text.remove_prefix(end + 1);
  }
  return lines;
}

}  // namespace

Result<std::vector<SignatureLine>> parseSignatureFile(std::string_view text, const std::string& name) {
  return withContext(name, parseLines(text));
}

std::vector<SignatureLine> signaturesOf(const std::vector<SecretKeyBytes>& keys, std::string_view document) {
  std::vector<SignatureLine> lines;
  for (const auto& key : keys) lines.push_back({keyId(publicKeyOf(key)), signEd25519(key, document)});
  return lines;
}

std::string toSignatureFile(const std::vector<SignatureLine>& lines) {
  std::string text;
  for (const SignatureLine& line : lines) {
    text.append(kAlgorithm).append(line.keyId).append(" ").append(toBase64(asText(line.signature))).append("\n");
  }
  return text;
}

}  // namespace tenon::host
