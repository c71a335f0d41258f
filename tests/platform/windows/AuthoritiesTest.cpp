// Whom this machine trusts to vouch for servers, as the adapter tells it. (Nobody is added for the test: Windows would ask
// the user, and Wine forgets it with the handle.)
#include "platform/windows/Os.h"

#include <wincrypt.h>

#include <algorithm>

#include "tests/platform/windows/WindowsAdapters.h"

namespace tenon::host {
namespace {

using Bytes = std::vector<BYTE>;

std::vector<Bytes> ofTheStore() {
  std::vector<Bytes> all;
  const HCERTSTORE store = ::CertOpenSystemStoreW(0, L"ROOT");
  for (const CERT_CONTEXT* each = nullptr; (each = ::CertEnumCertificatesInStore(store, each)) != nullptr;) {
    all.emplace_back(each->pbCertEncoded, each->pbCertEncoded + each->cbCertEncoded);
  }
  ::CertCloseStore(store, 0);
  return all;
}

// As the system reads PEM; nothing where it finds none.
Bytes bytesOf(const std::string& pem) {
  Bytes bytes(pem.size());
  auto size = static_cast<DWORD>(bytes.size());
  const auto length = static_cast<DWORD>(pem.size());
  if (!::CryptStringToBinaryA(pem.data(), length, CRYPT_STRING_BASE64HEADER, bytes.data(), &size, nullptr, nullptr))
    size = 0;
  bytes.resize(size);
  return bytes;
}

TEST(WindowsAuthorities, AreThoseOfTheStoreByteByByte) {
  auto expected = ofTheStore();
  if (expected.empty()) GTEST_SKIP() << "this machine trusts nobody";
  std::sort(expected.begin(), expected.end());
  for (const auto& each : {linkedInAdapter(), libraryAdapter()}) {
    const auto adapter = each.open();
    ASSERT_TRUE(adapter) << adapter.error().message();
    const auto told = (*adapter)->authorities();
    ASSERT_TRUE(told) << told.error().message();
    std::vector<Bytes> found;
    for (const auto& pem : *told) found.push_back(bytesOf(pem));
    std::sort(found.begin(), found.end());
    EXPECT_TRUE(found == expected) << found.size() << " of " << expected.size();
  }
}

}  // namespace
}  // namespace tenon::host
