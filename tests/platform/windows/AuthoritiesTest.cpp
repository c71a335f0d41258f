// Whom the user trusts to vouch for servers, as the adapter tells it.
#include "platform/windows/Os.h"

#include <wincrypt.h>

#include <algorithm>

#include "tests/platform/windows/WindowsAdapters.h"

namespace tenon::host {
namespace {

// Made for this test, valid until 2126; nobody has its key.
constexpr const char* kCertificate =
    "MIIBVTCCAQegAwIBAgIULFG/Z9tSJ6G0paPMqnPNYgIzltAwBQYDK2VwMB8xHTAbBgNVBAMMFHRlbm9uIHRlc3QgYXV0aG9yaXR5"
    "MCAXDTI2MTEyOTIxNTUyNloYDzIxMjYxMTA1MjE1NTI2WjAfMR0wGwYDVQQDDBR0ZW5vbiB0ZXN0IGF1dGhvcml0eTAqMAUGAytl"
    "cAMhAD3FoPiobDkQ28G/yZlugzPyClH7Bvi1OKkRwMhR4GUBo1MwUTAdBgNVHQ4EFgQUXl/+icypN9DYiiMrlDimMQd71bAwHwYD"
    "VR0jBBgwFoAUXl/+icypN9DYiiMrlDimMQd71bAwDwYDVR0TAQH/BAUwAwEB/zAFBgMrZXADQQCZ5MxZplepIcc15YtjSau1zLvy"
    "OuSRSXxsqbgmRuuMjPRfDaBykE+4oq//YRx3v1BX33fx5WCO5nwO0UUaw2gN";

// In the user's own store while this lives.
class TrustedByTheUser {
 public:
  TrustedByTheUser() : store_(::CertOpenSystemStoreW(0, L"ROOT")) {
    BYTE bytes[1024];
    DWORD size = sizeof bytes;
    if (!store_ || !::CryptStringToBinaryA(kCertificate, 0, CRYPT_STRING_BASE64, bytes, &size, nullptr, nullptr)) return;
    ::CertAddEncodedCertificateToStore(store_, X509_ASN_ENCODING, bytes, size, CERT_STORE_ADD_REPLACE_EXISTING, &added_);
  }
  TrustedByTheUser(const TrustedByTheUser&) = delete;
  TrustedByTheUser& operator=(const TrustedByTheUser&) = delete;
  ~TrustedByTheUser() {
    if (added_) ::CertDeleteCertificateFromStore(added_);
    if (store_) ::CertCloseStore(store_, 0);
  }
  bool worked() const { return added_ != nullptr; }

 private:
  HCERTSTORE store_;
  const CERT_CONTEXT* added_ = nullptr;
};

bool isAmong(const std::vector<std::string>& certificates) {
  return std::any_of(certificates.begin(), certificates.end(), [](std::string pem) {
    std::erase(pem, '\n');
    return pem == "-----BEGIN CERTIFICATE-----" + std::string(kCertificate) + "-----END CERTIFICATE-----";
  });
}

TEST(WindowsAuthorities, AreThoseOfTheUsersStore) {
  if (TENON_ON_WINDOWS_ITSELF) GTEST_SKIP() << "Windows asks the user before it trusts one more";
  for (const auto& each : {linkedInAdapter(), libraryAdapter()}) {
    const auto adapter = each.open();
    ASSERT_TRUE(adapter) << adapter.error().message();
    const auto before = (*adapter)->authorities();
    ASSERT_TRUE(before) << before.error().message();
    EXPECT_FALSE(isAmong(*before));
    const TrustedByTheUser trusted;
    ASSERT_TRUE(trusted.worked());
    const auto with = (*adapter)->authorities();
    ASSERT_TRUE(with) << with.error().message();
    EXPECT_TRUE(isAmong(*with));
    EXPECT_EQ(with->size(), before->size() + 1);
  }
}

}  // namespace
}  // namespace tenon::host
