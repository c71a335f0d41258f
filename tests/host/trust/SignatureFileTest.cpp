// Numbers in names are cases of the design's list of faults.
#include <gtest/gtest.h>

#include "host/base/Limits.h"
#include "host/trust/SignatureVerifier.h"
#include "tests/host/trust/Keys.h"

namespace tenon::host {
namespace {

SignatureLine lineOf(unsigned char number) {
  const SecretKeyBytes key = testKey(number);
  return {keyId(publicKeyOf(key)), signEd25519(key, "tenon-manifest 1\n")};
}

void refuses(const std::string& text, const std::string& why) {
  const auto lines = parseSignatureFile(text);
  ASSERT_FALSE(lines) << text;
  EXPECT_EQ(lines.error().code(), ErrorCode::FormatInvalid);
  EXPECT_NE(lines.error().message().find(why), std::string::npos) << lines.error().message();
}

TEST(SignatureFile, ReadsBackWhatItWrote) {
  const std::string text = toSignatureFile({lineOf(1), lineOf(2)});
  const auto lines = parseSignatureFile(text);
  ASSERT_TRUE(lines) << lines.error().message();
  ASSERT_EQ(lines->size(), 2u);
  EXPECT_EQ(lines->at(1).keyId, lineOf(2).keyId);
  EXPECT_EQ(lines->at(1).signature, lineOf(2).signature);
  EXPECT_EQ(toSignatureFile(*lines), text);
}

TEST(SignatureFile, WritesOneLineThatPeopleCanTakeApart) {
  const std::string text = toSignatureFile({lineOf(1)});
  EXPECT_EQ(text, "ed25519 " + lineOf(1).keyId + " " + toBase64(asText(lineOf(1).signature)) + "\n");
  EXPECT_EQ(text.size(), 162u);
}

TEST(SignatureFile, Case07RefusesADuplicateKeyId) {
  refuses(toSignatureFile({lineOf(1), lineOf(2), lineOf(1)}), "line 3: key " + shortKeyId(lineOf(1).keyId) + " signs twice");
}

TEST(SignatureFile, Case12RefusesSignaturesOf63And65Bytes) {
  const std::string id = lineOf(1).keyId, bytes(asText(lineOf(1).signature));
  refuses("ed25519 " + id + " " + toBase64(bytes.substr(1)) + "\n", "63 bytes");
  refuses("ed25519 " + id + " " + toBase64(bytes + "x") + "\n", "65 bytes");
}

TEST(SignatureFile, RefusesEveryOtherSpelling) {
  const std::string good = toSignatureFile({lineOf(1)});
  refuses(good.substr(0, good.size() - 1), "newline");
  refuses(good.substr(0, good.size() - 1) + "\r\n", "base64");
  refuses(good + "\n", "line 2");
  refuses("\n" + good, "line 1");
  refuses(" " + good, "line 1");
  refuses("ed25519  " + good.substr(8), "key id");
  refuses("rsa" + good.substr(7), "ed25519");
  refuses(good + std::string(1, '\0'), "line 2");
  std::string upper = good;
  upper[9] = 'F';
  refuses(upper, "lower-case");
  refuses("ed25519 company-2025 " + good.substr(73), "key id");
  refuses("ed25519 " + lineOf(1).keyId + "\n", "key id");
}

TEST(SignatureFile, HasNoLinesWhenItIsEmpty) {
  const auto lines = parseSignatureFile("");
  ASSERT_TRUE(lines);
  EXPECT_TRUE(lines->empty());
}

TEST(SignatureFile, IsBounded) {
  std::vector<SignatureLine> lines;
  for (std::size_t i = 0; i <= limits::kSignatures; ++i) lines.push_back(lineOf(static_cast<unsigned char>(i + 1)));
  refuses(toSignatureFile(lines), "more than 32");
  lines.pop_back();
  EXPECT_TRUE(parseSignatureFile(toSignatureFile(lines)));
  refuses(std::string(limits::kManifestSignatureBytes + 1, 'x'), "limit");
}

}  // namespace
}  // namespace tenon::host
