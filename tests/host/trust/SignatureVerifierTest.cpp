// Numbers in names are cases of the design's list of faults.
#include "host/trust/SignatureVerifier.h"

#include <gtest/gtest.h>

#include "host/trust/Sha256.h"
#include "tests/host/trust/Roots.h"

namespace tenon::host {
namespace {

Release release(const char* version = "1.3.0", const char* service = "nmt-zh-en", const char* platform = "linux-x64") {
  return {*ServiceId::parse(service), *SemVer::parse(version), *PlatformId::parse(platform)};
}

std::string manifestText(const char* version = "1.3.0") {
  PackageManifest manifest{.release = release(version), .sequence = 37, .files = {}};
  manifest.files.push_back({sha256("{}"), ManifestFile::Kind::Plain, 2, "service.json"});
  return manifest.text();
}

SignatureLine signedBy(unsigned char number, const std::string& manifest) {
  return {keyId(publicKeyOf(testKey(number))), signEd25519(testKey(number), manifest)};
}

class SignatureVerifierTest : public testing::Test {
 protected:
  SignatureVerifierTest() { trust(1, "company-2025"); }

  void trust(unsigned char number, const std::string& alias = "") {
    ASSERT_TRUE(keys_.add(publicKeyOf(testKey(number)), alias, "a test"));
  }
  Result<VerifiedPackage> verify(const PackageClaims& claims, const std::optional<Release>& expected = release()) const {
    return SignatureVerifier(keys_).verify({Path("/cache/service.zip"), zip_, 1234}, claims, expected);
  }
  Result<VerifiedPackage> verify(const std::string& manifest, const std::vector<SignatureLine>& lines) const {
    return verify(PackageClaims{manifest, toSignatureFile(lines), std::nullopt});
  }
  PackageClaims artifact(const std::string& key, unsigned char signer, const Release& of = release()) const {
    const std::string payload = ArtifactSignature::payload(of, zip_);
    return {std::nullopt, std::nullopt,
            ArtifactSignature{key, toBase64(asText(signEd25519(testKey(signer), payload))), of, zip_}};
  }

  KeyRing keys_;
  const Digest zip_ = sha256("the zip");
};

void refused(const Result<VerifiedPackage>& result, ErrorCode code, const std::string& says, const std::string& hints = "") {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), code) << result.error().message();
  EXPECT_NE(result.error().message().find(says), std::string::npos) << result.error().message();
  EXPECT_NE(result.error().hint().find(hints), std::string::npos) << result.error().hint();
}

TEST_F(SignatureVerifierTest, AcceptsAManifestSignedByATrustedKey) {
  const auto verified = verify(manifestText(), {signedBy(1, manifestText())});
  ASSERT_TRUE(verified) << verified.error().message();
  EXPECT_EQ(verified->release(), release());
  EXPECT_EQ(verified->identity(), sha256(manifestText()));
  EXPECT_EQ(verified->signedBy(), keyId(publicKeyOf(testKey(1))));
  EXPECT_EQ(verified->package().zip.text(), "/cache/service.zip");
  ASSERT_TRUE(verified->manifest());
  EXPECT_EQ(verified->manifest()->sequence, 37u);
}

TEST_F(SignatureVerifierTest, AcceptsWhatNobodyAskedForByName) {
  EXPECT_TRUE(
      verify(PackageClaims{manifestText(), toSignatureFile({signedBy(1, manifestText())}), std::nullopt}, std::nullopt));
}

TEST_F(SignatureVerifierTest, NeedsOneTrustedSignatureAmongMany) {
  EXPECT_TRUE(
      verify(manifestText(), {signedBy(5, manifestText()), signedBy(6, manifestText()), signedBy(1, manifestText())}));
}

TEST_F(SignatureVerifierTest, Case01RefusesAPackageWithoutSignature) {
  refused(verify(PackageClaims{}), ErrorCode::SignatureInvalid, "not signed", "--key");
  refused(verify(PackageClaims{manifestText(), std::nullopt, std::nullopt}), ErrorCode::SignatureInvalid, "no MANIFEST.sig",
          "--key");
  refused(verify(PackageClaims{manifestText(), "", std::nullopt}), ErrorCode::SignatureInvalid, "no MANIFEST.sig");
}

TEST_F(SignatureVerifierTest, Case02RefusesAManifestWithOneBitFlipped) {
  const std::string good = manifestText();
  for (std::size_t at = 0; at < good.size(); at += 7) {
    std::string changed = good;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    refused(verify(changed, {signedBy(1, good)}), ErrorCode::SignatureInvalid, "is not what key");
  }
}

TEST_F(SignatureVerifierTest, Case03RefusesUnknownKeysAndNamesThem) {
  const auto five = signedBy(5, manifestText()), six = signedBy(6, manifestText());
  refused(verify(manifestText(), {five, six}), ErrorCode::KeyUnknown, shortKeyId(five.keyId) + ", " + shortKeyId(six.keyId),
          "tenon agent --trust FILE");
  refused(verify(artifact(five.keyId, 5)), ErrorCode::KeyUnknown, shortKeyId(five.keyId), "tenon agent --trust FILE");
}

TEST_F(SignatureVerifierTest, Case03SaysHowToNameAKeyThatTheOriginNamed) {
  refused(verify(artifact("company-2031", 5)), ErrorCode::KeyUnknown, "company-2031",
          "SERVICE_PACKAGE_PUBLIC_KEYS=company-2031=");
}

TEST_F(SignatureVerifierTest, Case04RefusesARevokedKeyWithAValidSignature) {
  keys_.revoke(keyId(publicKeyOf(testKey(1))));
  refused(verify(manifestText(), {signedBy(1, manifestText())}), ErrorCode::KeyRevoked, "revoked", "sign it again");
  refused(verify(artifact("company-2025", 1)), ErrorCode::KeyRevoked, "company-2025");
  trust(2);
  EXPECT_TRUE(verify(manifestText(), {signedBy(1, manifestText()), signedBy(2, manifestText())}));
}

TEST_F(SignatureVerifierTest, Case07RefusesADuplicateKeyId) {
  refused(verify(manifestText(), {signedBy(1, manifestText()), signedBy(1, manifestText())}), ErrorCode::FormatInvalid,
          "signs twice");
}

TEST_F(SignatureVerifierTest, Case09RefusesASignatureUnderAnotherKeysId) {
  trust(2);
  auto line = signedBy(1, manifestText());
  line.keyId = keyId(publicKeyOf(testKey(2)));
  refused(verify(manifestText(), {line}), ErrorCode::SignatureInvalid, shortKeyId(line.keyId));
}

TEST_F(SignatureVerifierTest, Case12RefusesArtifactSignaturesOf63And65Bytes) {
  auto claims = artifact("company-2025", 1);
  const std::string bytes = *fromBase64(claims.artifactSignature->valueBase64);
  for (const std::string& wrong : {bytes.substr(0, 63), bytes + "x", std::string()}) {
    claims.artifactSignature->valueBase64 = toBase64(wrong);
    refused(verify(claims), ErrorCode::SignatureInvalid, "is not what key company-2025 signed");
  }
  claims.artifactSignature->valueBase64 = "no base64";
  refused(verify(claims), ErrorCode::FormatInvalid, "base64");
}

TEST_F(SignatureVerifierTest, Case18RefusesTheManifestOfAnotherVersion) {
  const std::string other = manifestText("1.2.0");
  refused(verify(other, {signedBy(1, other)}), ErrorCode::BindingMismatch,
          "asked for nmt-zh-en 1.3.0 linux-x64, but MANIFEST is of nmt-zh-en 1.2.0 linux-x64");
}

TEST_F(SignatureVerifierTest, Case19RefusesASignedPackageUnderAnotherName) {
  const PackageClaims claims{manifestText(), toSignatureFile({signedBy(1, manifestText())}), std::nullopt};
  for (const Release& asked : {release("1.3.0", "other"), release("1.4.0"), release("1.3.0", "nmt-zh-en", "linux-arm64")}) {
    refused(verify(claims, asked), ErrorCode::BindingMismatch, "asked for " + asked.text());
    refused(verify(artifact("company-2025", 1), asked), ErrorCode::BindingMismatch, "asked for " + asked.text());
  }
}

TEST_F(SignatureVerifierTest, AcceptsAnArtifactSignatureByIdAndByName) {
  for (const std::string& name : {std::string("company-2025"), keyId(publicKeyOf(testKey(1)))}) {
    const auto verified = verify(artifact(name, 1));
    ASSERT_TRUE(verified) << verified.error().message();
    EXPECT_FALSE(verified->manifest());
    EXPECT_EQ(verified->identity(), zip_);
    EXPECT_EQ(verified->signedBy(), keyId(publicKeyOf(testKey(1))));
  }
}

TEST_F(SignatureVerifierTest, RefusesAnArtifactSignatureForAnotherZip) {
  auto claims = artifact("company-2025", 1);
  claims.artifactSignature->sha256 = sha256("another zip");
  const std::string payload = ArtifactSignature::payload(release(), sha256("another zip"));
  claims.artifactSignature->valueBase64 = toBase64(asText(signEd25519(testKey(1), payload)));
  refused(verify(claims), ErrorCode::SignatureInvalid, "is not what key company-2025 signed");
}

TEST_F(SignatureVerifierTest, LetsManifestDecideWhereBothSignaturesExist) {
  PackageClaims claims = artifact("company-2025", 1);
  claims.manifest = manifestText();
  claims.manifestSignature = toSignatureFile({signedBy(5, manifestText())});
  refused(verify(claims), ErrorCode::KeyUnknown, "MANIFEST");
  claims.manifestSignature.reset();
  refused(verify(claims), ErrorCode::SignatureInvalid, "no MANIFEST.sig");
  claims.manifest.reset();
  claims.manifestSignature = toSignatureFile({signedBy(1, manifestText())});
  refused(verify(claims), ErrorCode::SignatureInvalid, "no MANIFEST");
}

TEST_F(SignatureVerifierTest, TakesNoSignatureFromOneRoleToAnother) {
  // Case 24: an artifact payload is no MANIFEST, though the same key signed it.
  const std::string payload = ArtifactSignature::payload(release(), zip_);
  refused(verify(payload, {signedBy(1, payload)}), ErrorCode::FormatInvalid, "");
}

TEST_F(SignatureVerifierTest, VerifiesTheBytesBeforeItReadsThem) {
  const std::string nonsense = "this is no manifest\r\n";
  refused(verify(nonsense, {signedBy(1, manifestText())}), ErrorCode::SignatureInvalid, "is not what key");
  refused(verify(nonsense, {signedBy(1, nonsense)}), ErrorCode::FormatInvalid, "");
}

class ByRoot : public SignatureVerifierTest {
 protected:
  Result<VerifiedPackage> verifyByRoot(const PackageClaims& claims) const {
    return SignatureVerifier(ReleaseSigners::of(root_)).verify({Path("/cache/service.zip"), zip_, 1234}, claims, release());
  }
  Result<VerifiedPackage> verifyByRoot(std::initializer_list<int> keys) const {
    const SignedText document = tenon::host::signedBy(manifestText(), keys);
    return verifyByRoot(PackageClaims{document.text, document.signatures, std::nullopt});
  }
  RootDocument root_ = sampleRoot();
};

TEST_F(ByRoot, AcceptsAManifestSignedByAsManyReleaseKeysAsTheRootAsksFor) {
  EXPECT_TRUE(verifyByRoot({5}));
  giveRole(root_, TrustRole::Release, 6);
  root_.role(TrustRole::Release).threshold = 2;
  EXPECT_TRUE(verifyByRoot({6, 5}));
  refused(verifyByRoot({5}), ErrorCode::ThresholdUnmet, "1 of the 2");
  refused(verifyByRoot({5, 1, 9}), ErrorCode::ThresholdUnmet, "1 of the 2");
}

TEST_F(ByRoot, Case05RefusesWhatAnIndexOrRootKeySigned) {
  refused(verifyByRoot({4}), ErrorCode::KeyRole, "no release key");
  refused(verifyByRoot({1, 2}), ErrorCode::KeyRole, "no release key");
}

TEST_F(ByRoot, Case03And04RefusesUnknownAndRevokedKeys) {
  refused(verifyByRoot({9}), ErrorCode::KeyUnknown, "");
  root_.revokedKeys.insert(idOf(9));
  refused(verifyByRoot({9}), ErrorCode::KeyRevoked, "");
}

TEST_F(ByRoot, TakesNoArtifactSignature) {
  refused(verifyByRoot(artifact(idOf(5), 5)), ErrorCode::SignatureInvalid, "not enough");
}

TEST_F(ByRoot, TakesTheSignersOfTheNextRootFromThenOn) {
  SignatureVerifier verifier(ReleaseSigners::of(root_));
  takeRole(root_, TrustRole::Release, 5);
  giveRole(root_, TrustRole::Release, 6);
  verifier.trust(ReleaseSigners::of(root_));
  const SignedText document = tenon::host::signedBy(manifestText(), {5});
  refused(verifier.verify({Path("/x"), zip_, 1}, {document.text, document.signatures, std::nullopt}, release()),
          ErrorCode::KeyUnknown, "");
}

}  // namespace
}  // namespace tenon::host
