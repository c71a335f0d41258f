#include "host/trust/KeyFile.h"

#include <gtest/gtest.h>

#include "tests/host/trust/Keys.h"
#include "tests/support/Shell.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

// RFC 8410, 10.3 and 10.1: an example of each half.
constexpr std::string_view kRfcSecret =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
    "-----END PRIVATE KEY-----\n";
constexpr std::string_view kRfcPublic =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
    "-----END PUBLIC KEY-----\n";

TEST(KeyFile, ReadsAndWritesTheKeysOfTheRfc) {
  const auto secret = secretKeyFromPem(kRfcSecret);
  ASSERT_TRUE(secret) << secret.error().message();
  EXPECT_EQ(toPem(*secret), kRfcSecret);
  const auto publicKey = publicKeyFromText(kRfcPublic);
  ASSERT_TRUE(publicKey) << publicKey.error().message();
  EXPECT_EQ(toPem(*publicKey), kRfcPublic);
  EXPECT_EQ(publicKeyOf(*secret), *publicKey);
}

TEST(KeyFile, ReadsVersionTwoAndChecksThatItsHalvesBelongTogether) {
  const std::string der = unhex("3051020101300506032b657004220420") + std::string(32, '\x07') + unhex("812100") +
                          std::string(asText(publicKeyOf(testKey(7))));
  const auto wrap = [](const std::string& bytes) {
    return "-----BEGIN PRIVATE KEY-----\n" + toBase64(bytes) + "\n-----END PRIVATE KEY-----\n";
  };
  const auto key = secretKeyFromPem(wrap(der));
  ASSERT_TRUE(key) << key.error().message();
  EXPECT_TRUE(*key == testKey(7));
  std::string other = der;
  other.back() = static_cast<char>(other.back() ^ 1);
  EXPECT_FALSE(secretKeyFromPem(wrap(other)));
}

TEST(KeyFile, ReadsLinesThatEndInCarriageReturns) {
  std::string text(kRfcPublic);
  for (auto at = text.find('\n'); at != text.npos; at = text.find('\n', at + 2)) text.insert(at, "\r");
  EXPECT_TRUE(publicKeyFromText(text));
}

TEST(KeyFile, ReadsTheRawPublicKeyOfTheOrigin) {
  const auto key = publicKeyOf(testKey(3));
  const auto read = publicKeyFromText(toBase64(asText(key)) + "\n");
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, key);
}

TEST(KeyFile, SaysWhichHalfWasGivenInPlaceOfTheOther) {
  const auto secret = secretKeyFromPem(kRfcPublic);
  ASSERT_FALSE(secret);
  EXPECT_EQ(secret.error().code(), ErrorCode::FormatInvalid);
  EXPECT_EQ(secret.error().message(), "a PEM text of a PUBLIC KEY where a PRIVATE KEY is needed");
  EXPECT_EQ(secret.error().hint(), "this is the public half; give the .key file beside it");
  const auto publicKey = publicKeyFromText(kRfcSecret);
  ASSERT_FALSE(publicKey);
  EXPECT_EQ(publicKey.error().hint(), "this is the secret half; give the .pub file beside it");
}

TEST(KeyFile, RefusesWhatIsNoKey) {
  const std::string good(kRfcPublic);
  const std::vector<std::string> wrong = {
      "",
      "\n",
      "hello",
      "-----BEGIN PUBLIC KEY-----\n",
      good + "x",
      good + good,
      good.substr(0, good.size() - 2),
      "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",
      "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZg==\n-----END PUBLIC KEY-----\n",
      // X25519's algorithm (1.3.101.110), a key of other use.
      "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VuAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n",
      toBase64(std::string(31, 'k')),
      toBase64(std::string(33, 'k')),
  };
  for (const std::string& text : wrong) {
    const auto key = publicKeyFromText(text);
    ASSERT_FALSE(key) << text;
    EXPECT_EQ(key.error().code(), ErrorCode::FormatInvalid) << text;
    EXPECT_FALSE(secretKeyFromPem(text)) << text;
  }
}

TEST(KeyFile, NamesAKeyByTheHashOfItsRawBytes) {
  const auto key = publicKeyFromText(kRfcPublic);
  ASSERT_TRUE(key);
  EXPECT_EQ(keyId(*key).size(), 64u);
  EXPECT_EQ(shortKeyId(keyId(*key)), keyId(*key).substr(0, 16));
}

TEST(Base64, WritesTheExamplesOfTheRfc) {
  // RFC 4648, 10.
  const std::vector<std::pair<std::string, std::string>> examples = {{"", ""},
                                                                     {"f", "Zg=="},
                                                                     {"fo", "Zm8="},
                                                                     {"foo", "Zm9v"},
                                                                     {"foob", "Zm9vYg=="},
                                                                     {"fooba", "Zm9vYmE="},
                                                                     {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : examples) {
    EXPECT_EQ(toBase64(bytes), text);
    const auto back = fromBase64(text);
    ASSERT_TRUE(back) << text;
    EXPECT_EQ(*back, bytes);
  }
}

TEST(Base64, CarriesEveryByte) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  EXPECT_EQ(*fromBase64(toBase64(bytes)), bytes);
}

TEST(Base64, ReadsOnlyOneSpellingOfEachContent) {
  for (const std::string text : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm9v\n", " Zm9v", "Zm 9v", "Zm-v", "Zm_v",
                                 "====", "Z===", "=m9v", "Zg==Zg==", "Zm9vZg=v"}) {
    EXPECT_FALSE(fromBase64(text)) << text;
  }
}

TEST(KeyFile, OpensslReadsOurKeysAndVerifiesOurSignature) {
  TENON_NEEDS_TOOL("openssl");
  const TempFolder folder;
  const SecretKeyBytes key = generateSecretKey();
  folder.write("a.key", toPem(key));
  folder.write("a.pub", toPem(publicKeyOf(key)));
  folder.write("message", "tenon-manifest 1\n");
  folder.write("signature", asText(signEd25519(key, "tenon-manifest 1\n")));
  const std::string in = "cd '" + folder.text() + "' && ";

  const auto derived = shell(in + "openssl pkey -in a.key -pubout");
  EXPECT_EQ(derived.status, 0) << derived.output;
  EXPECT_EQ(derived.output, toPem(publicKeyOf(key)));
  EXPECT_EQ(shell(in + "openssl pkey -in a.key").output, toPem(key));
  EXPECT_EQ(shell(in + "openssl pkey -pubin -in a.pub -noout").status, 0);
  const auto verified = shell(in + "openssl pkeyutl -verify -rawin -in message -pubin -inkey a.pub -sigfile signature");
  EXPECT_EQ(verified.status, 0) << verified.output;
}

TEST(KeyFile, ReadsKeysAndSignaturesThatOpensslMade) {
  TENON_NEEDS_TOOL("openssl");
  const TempFolder folder;
  folder.write("message", "made elsewhere");
  const auto made =
      shell("cd '" + folder.text() +
            "' && openssl genpkey -algorithm ed25519 -out b.key && openssl pkey -in b.key -pubout -out b.pub && "
            "openssl pkeyutl -sign -rawin -in message -inkey b.key -out signature");
  ASSERT_EQ(made.status, 0) << made.output;
  const auto secret = secretKeyFromPem(folder.read("b.key"));
  const auto publicKey = publicKeyFromText(folder.read("b.pub"));
  ASSERT_TRUE(secret && publicKey);
  EXPECT_EQ(publicKeyOf(*secret), *publicKey);
  EXPECT_TRUE(verifyEd25519(*publicKey, "made elsewhere", folder.read("signature")));
  EXPECT_EQ(asText(signEd25519(*secret, "made elsewhere")), folder.read("signature"));
}

}  // namespace
}  // namespace tenon::host
