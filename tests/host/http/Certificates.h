// Authorities and the certificates that they sign, made by OpenSSL for as long as a test runs: NAME.pem and NAME.key in a
// folder.
#pragma once

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <map>
#include <memory>
#include <string>

#include "tests/support/TempFolder.h"

namespace tenon::host {

class Certificates {
 public:
  explicit Certificates(const TempFolder& folder) : folder_(folder) {}

  void authority(const std::string& name) { make(name, name, NID_basic_constraints, "critical,CA:TRUE", 2); }
  // For these names, "DNS:localhost,…", for so many days from now: of the past where there are fewer than none.
  void certificate(const std::string& name, const std::string& by, const std::string& names, int days = 2) {
    make(name, by, NID_subject_alt_name, names, days);
  }

 private:
  template <class T, void (*release)(T*)>
  struct Freed {
    void operator()(T* it) const { release(it); }
  };
  using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
  using Certificate = std::unique_ptr<X509, Freed<X509, X509_free>>;
  using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION, X509_EXTENSION_free>>;
  using Memory = std::unique_ptr<BIO, Freed<BIO, BIO_free_all>>;
  struct Made {
    Key key;
    Certificate certificate;
  };

  void make(const std::string& name, const std::string& by, int kind, const std::string& value, int days) {
    constexpr long kDay = 86'400;
    Made& made = made_[name];
    made = {Key(EVP_EC_gen("P-256")), Certificate(X509_new())};
    const Made& signer = made_.at(by);
    X509* const x = made.certificate.get();
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), static_cast<long>(made_.size()));
    X509_gmtime_adj(X509_getm_notBefore(x), -3 * kDay);
    X509_gmtime_adj(X509_getm_notAfter(x), days * kDay);
    X509_set_pubkey(x, made.key.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(signer.certificate.get()));
    X509_add_ext(x, Extension(X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str())).get(), -1);
    ASSERT_GT(X509_sign(x, signer.key.get(), EVP_sha256()), 0) << name;
    write(name + ".pem", [&](BIO* to) { return PEM_write_bio_X509(to, x); });
    write(name + ".key",
          [&](BIO* to) { return PEM_write_bio_PrivateKey(to, made.key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  }
  template <class Put>
  void write(const std::string& file, const Put& put) {
    const Memory memory(BIO_new(BIO_s_mem()));
    ASSERT_EQ(put(memory.get()), 1) << file;
    char* text = nullptr;
    const long length = BIO_get_mem_data(memory.get(), &text);
    folder_.write(file, std::string(text, static_cast<std::size_t>(length)));
  }

  const TempFolder& folder_;
  std::map<std::string, Made> made_;
};

}  // namespace tenon::host
