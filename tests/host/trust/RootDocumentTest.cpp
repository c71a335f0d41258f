#include "host/trust/RootDocument.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/host/trust/Roots.h"

namespace tenon::host {
namespace {

using testing::HasSubstr;

void refuses(const std::string& text, ErrorCode code, const std::string& what = "") {
  const auto root = RootDocument::parse(text);
  ASSERT_FALSE(root) << text;
  EXPECT_EQ(name(root.error().code()), name(code)) << root.error().message();
  EXPECT_THAT(root.error().message(), HasSubstr(what));
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(RootDocument, IsReadAsItWasWritten) {
  RootDocument root = sampleRoot();
  root.version = 7;
  root.revokedKeys.insert(idOf(6));
  root.revokedReleases.emplace("asr", "1.2.0");
  const auto read = RootDocument::parse(root.text());
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->text(), root.text());
  EXPECT_EQ(read->version, 7U);
  EXPECT_TRUE(read->isRevoked(ServiceId::parse("asr").value(), SemVer::parse("1.2.0").value()));
  EXPECT_FALSE(read->isRevoked(ServiceId::parse("asr").value(), SemVer::parse("1.2.1").value()));
}

TEST(RootDocument, Case08RefusesOneKeyUnderTwoIds) {
  const std::string text = sampleRoot().text();
  const std::string key = "\"" + idOf(1) + "\": \"" + toBase64(asText(publicKeyOf(secretKey(1)))) + "\",";
  refuses(replaced(text, key, key + "\n    " + replaced(key, idOf(1), idOf(6))), ErrorCode::KeyRole);
}

TEST(RootDocument, Case09RefusesAnIdThatIsNotTheHashOfItsKey) {
  const std::string text = sampleRoot().text();
  refuses(replaced(text, toBase64(asText(publicKeyOf(secretKey(1)))), toBase64(asText(publicKeyOf(secretKey(6))))),
          ErrorCode::KeyRole, "id");
}

TEST(RootDocument, Case23RefusesWhateverItWouldNotHaveWritten) {
  const std::string text = sampleRoot().text();
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"\"version\": 1", "\"version\": 1e0"},
           {"\"version\": 1", "\"version\": 01"},
           {"\"version\": 1", "\"version\": NaN"},
           {"\"version\": 1", "\"version\":  1"},
           {"\"version\": 1", "\"version\": 0"},
           {"\"version\": 1,", "\"version\": 1,\n  \"version\": 2,"},
           {"\"version\": 1,", "\"version\": 1,\n  \"note\": \"\","},
           {"\"version\": 1,", "\"version\": 1,\n  \"note\": \"\\ud800\","},
           {"{", "\xef\xbb\xbf{"},
           {"\n", "\r\n"},
           {"\"threshold\": 2", "\"threshold\": 4"},
           {"\"threshold\": 2", "\"threshold\": 0"},
           {"\"revoked_keys\": []", "\"revoked_keys\": [\"x\"]"},
           {"\"revoked_releases\": []", "\"revoked_releases\": [{\"service\": \"../x\", \"version\": \"1.0.0\"}]"}}) {
    refuses(replaced(text, from, to), ErrorCode::FormatInvalid);
  }
  refuses(text + " ", ErrorCode::FormatInvalid);
  refuses("", ErrorCode::FormatInvalid);
  refuses(std::string(100'000, '['), ErrorCode::FormatInvalid);
  refuses(std::string(limits::kRootBytes + 1, ' '), ErrorCode::FormatInvalid);
}

TEST(RootDocument, Case24RefusesADocumentOfAnotherType) {
  refuses(sampleIndex(1).text(), ErrorCode::FormatInvalid, "tenon-root");
  refuses("tenon-manifest 1\n", ErrorCode::FormatInvalid);
}

TEST(RootDocument, RefusesRolesThatCannotWork) {
  RootDocument root = sampleRoot();
  root.revokedKeys.insert(idOf(5));
  refuses(root.text(), ErrorCode::FormatInvalid, "revoked and still has a role");
  root = sampleRoot();
  root.keys.emplace(idOf(6), publicKeyOf(secretKey(6)));
  refuses(root.text(), ErrorCode::FormatInvalid, "no role names");
  root = sampleRoot();
  root.role(TrustRole::Index).keys.insert(idOf(6));
  refuses(root.text(), ErrorCode::FormatInvalid, "not listed");
}

class Signed : public testing::Test {
 protected:
  void refusesSignatures(const SignedText& document, TrustRole role, ErrorCode code) {
    const auto signers = checkSigned(root_, role, document, "the document");
    ASSERT_FALSE(signers);
    EXPECT_EQ(name(signers.error().code()), name(code)) << signers.error().message();
    EXPECT_FALSE(signers.error().hint().empty() && code != ErrorCode::FormatInvalid) << signers.error().message();
  }
  RootDocument root_ = sampleRoot();
};

TEST_F(Signed, ByAsManyOfTheRoleAsItAsksFor) {
  EXPECT_EQ(checkSigned(root_, TrustRole::Root, signedBy("text", {1, 3}), "it")->size(), 2U);
  EXPECT_EQ(checkSigned(root_, TrustRole::Root, signedBy("text", {9, 1, 2, 3, 4}), "it")->size(), 3U);
  EXPECT_EQ(checkSigned(root_, TrustRole::Index, signedBy("text", {4}), "it").value(), std::vector{idOf(4)});
}

TEST_F(Signed, Case01NotAtAll) { refusesSignatures({"text", ""}, TrustRole::Index, ErrorCode::SignatureInvalid); }

TEST_F(Signed, Case02WithOneBitOfTheTextFlipped) {
  SignedText document = signedBy("text", {4});
  document.text[0] ^= 1;
  refusesSignatures(document, TrustRole::Index, ErrorCode::SignatureInvalid);
}

TEST_F(Signed, Case03ByAnUnknownKey) { refusesSignatures(signedBy("text", {9}), TrustRole::Index, ErrorCode::KeyUnknown); }

TEST_F(Signed, Case04ByARevokedKey) {
  root_.revokedKeys.insert(idOf(9));
  refusesSignatures(signedBy("text", {9}), TrustRole::Index, ErrorCode::KeyRevoked);
}

TEST_F(Signed, Case05ByAReleaseKeyWhereARootOrIndexKeyMustSign) {
  refusesSignatures(signedBy("text", {5}), TrustRole::Index, ErrorCode::KeyRole);
  refusesSignatures(signedBy("text", {5}), TrustRole::Root, ErrorCode::KeyRole);
  refusesSignatures(signedBy("text", {1, 2}), TrustRole::Index, ErrorCode::KeyRole);
}

TEST_F(Signed, Case06ByOneKeyTwiceWhereTwoMustSign) {
  refusesSignatures(signedBy("text", {1, 1}), TrustRole::Root, ErrorCode::FormatInvalid);
  refusesSignatures(signedBy("text", {1}), TrustRole::Root, ErrorCode::ThresholdUnmet);
  refusesSignatures(signedBy("text", {1, 5, 9}), TrustRole::Root, ErrorCode::ThresholdUnmet);
}

TEST_F(Signed, Case07WithADuplicateKeyId) {
  const SignedText once = signedBy("text", {4});
  refusesSignatures({once.text, once.signatures + once.signatures}, TrustRole::Index, ErrorCode::FormatInvalid);
}

TEST_F(Signed, Case09UnderAnotherKeysId) {
  const auto bytes = signEd25519(secretKey(9), "text");
  refusesSignatures({"text", toSignatureFile({{idOf(4), bytes}})}, TrustRole::Index, ErrorCode::SignatureInvalid);
}

TEST_F(Signed, Case12WithSignaturesOf63And65Bytes) {
  for (const std::size_t size : {63U, 65U}) {
    const std::string line = "ed25519 " + idOf(4) + " " + toBase64(std::string(size, 'x')) + "\n";
    refusesSignatures({"text", line}, TrustRole::Index, ErrorCode::FormatInvalid);
  }
}

}  // namespace
}  // namespace tenon::host
