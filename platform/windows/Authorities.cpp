// The certificate stores of Windows (learn.microsoft.com, "Certificate Store Functions"). Loaded when they are asked for:
// most commands speak to no https server, and this library brings others with it.
#include "platform/windows/Authorities.h"

#include "platform/windows/Os.h"

#include <wincrypt.h>

#include "tenon/json.hpp"

namespace tenon::platform {

namespace {

// Their sum stays below what a document may hold; a machine has some hundred, of 1 to 2 kB each.
constexpr std::size_t kMostBytes = TENON_DOCUMENT_MAX_BYTES - 4096;

class Crypt32 {
 public:
  Crypt32() : library_(::LoadLibraryExW(L"crypt32.dll", nullptr, LOAD_LIBRARY_SEARCH_SYSTEM32)) {
    find(open, "CertOpenSystemStoreW");
    find(next, "CertEnumCertificatesInStore");
    find(close, "CertCloseStore");
    find(toText, "CryptBinaryToStringA");
  }
  Crypt32(const Crypt32&) = delete;
  Crypt32& operator=(const Crypt32&) = delete;
  ~Crypt32() {
    if (library_) ::FreeLibrary(library_);
  }
  bool isWhole() const { return open && next && close && toText; }

  decltype(&::CertOpenSystemStoreW) open = nullptr;
  decltype(&::CertEnumCertificatesInStore) next = nullptr;
  decltype(&::CertCloseStore) close = nullptr;
  decltype(&::CryptBinaryToStringA) toText = nullptr;

 private:
  template <class Function>
  void find(Function& function, const char* name) {
    if (!library_) return;
    function = reinterpret_cast<Function>(reinterpret_cast<void*>(::GetProcAddress(library_, name)));
  }
  HMODULE library_;
};

// "" where the system cannot write it.
std::string base64Of(const Crypt32& crypt32, const CERT_CONTEXT& certificate) {
  constexpr DWORD kPlain = CRYPT_STRING_BASE64 | CRYPT_STRING_NOCRLF;
  DWORD size = 0;
  if (!crypt32.toText(certificate.pbCertEncoded, certificate.cbCertEncoded, kPlain, nullptr, &size)) return "";
  std::string text(size, '\0');  // with its NUL
  if (!crypt32.toText(certificate.pbCertEncoded, certificate.cbCertEncoded, kPlain, text.data(), &size)) return "";
  text.resize(size);
  return text;
}

}  // namespace

Outcome describeAuthorities(std::string& document) {
  const std::string doing = "read the system's certificate authorities";
  const Crypt32 crypt32;
  if (!crypt32.isWhole()) return Fault{TENON_UNSUPPORTED, doing + ": crypt32.dll cannot be loaded", "platform-unsupported"};
  const HCERTSTORE store = crypt32.open(0, L"ROOT");
  if (!store) return osFault(doing, ::GetLastError());
  json::Value certificates = json::Value::array();
  std::size_t bytes = 0;
  // Each call frees the one before.
  for (const CERT_CONTEXT* each = nullptr; (each = crypt32.next(store, each)) != nullptr;) {
    std::string text = base64Of(crypt32, *each);
    bytes += text.size() + 3;
    if (text.empty() || bytes > kMostBytes) continue;
    certificates.push(std::move(text));
  }
  crypt32.close(store, 0);
  document = json::Value().set("schema", "tenon.authorities/1").set("certificates", std::move(certificates)).text();
  return kDone;
}

}  // namespace tenon::platform
