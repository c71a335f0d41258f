#include "host/http/wire/Tls.h"

#include <Poco/Crypto/X509Certificate.h>
#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/SecureStreamSocket.h>

#include <sstream>

namespace tenon::host {
namespace {

namespace net = Poco::Net;

constexpr int kChainDepth = 9;

Error untrusted(const std::string& host, const Poco::Exception& error) {
  return Error(ErrorCode::Denied, host + " is not who it says, or nobody vouches for it: " + error.displayText())
      .withHint("a hub with a certificate of its own: --ca-file FILE, with the authority that signed it");
}

// One that cannot be read, as systems keep some, vouches for nobody.
void addAuthorities(net::Context& context, const std::vector<std::string>& certificates) {
  for (const auto& pem : certificates) {
    try {
      std::istringstream in(pem);
      context.addCertificateAuthority(Poco::Crypto::X509Certificate(in));
    } catch (const Poco::Exception&) {
      continue;
    }
  }
}

}  // namespace

struct TlsTrust::Context {
  net::Context::Ptr client;
};

Result<TlsTrust> TlsTrust::load(const std::string& caFile, const std::vector<std::string>& system) {
  try {
    net::Context::Params params;
    params.caLocation = caFile;
    params.loadDefaultCAs = caFile.empty() && system.empty();
    params.verificationMode = net::Context::VERIFY_STRICT;
    params.verificationDepth = kChainDepth;
    auto context = std::make_shared<Context>();
    context->client = new net::Context(net::Context::TLS_CLIENT_USE, params);
    if (caFile.empty()) addAuthorities(*context->client, system);
    context->client->requireMinimumProtocol(net::Context::PROTO_TLSV1_2);
    context->client->enableExtendedCertificateVerification();
    return TlsTrust(std::move(context));
  } catch (const Poco::Exception& error) {
    return Error(ErrorCode::Usage,
                 "certificate authorities from " + (caFile.empty() ? "the system" : caFile) + ": " + error.displayText())
        .withHint("--ca-file is a file with certificates in PEM");
  }
}

Result<Socket> TlsTrust::secure(Socket socket, const std::string& host, Millis timeout) const {
  auto& plain = socket.under();
  try {
    const Poco::Timespan most(timeout.count() * 1000);
    plain.setBlocking(true);
    plain.setReceiveTimeout(most);
    plain.setSendTimeout(most);
    auto secured = net::SecureStreamSocket::attach(plain, host, context_->client);
    // attach() comes back also where its time was over, and a later write would go on with nobody's name proven.
    if (secured.completeHandshake() != 1 || !secured.havePeerCertificate()) throw Poco::TimeoutException();
    secured.verifyPeerCertificate();
    secured.setBlocking(false);
    return Socket::over(secured);
  } catch (const net::CertificateValidationException& error) {
    return untrusted(host, error);
  } catch (const net::InvalidCertificateException& error) {
    return untrusted(host, error);
  } catch (const Poco::TimeoutException&) {
    return Error(ErrorCode::NetworkSlow, host + " began no TLS within " + std::to_string(timeout.count() / 1000) + " s");
  } catch (const net::SSLException& error) {
    const bool isTrust = error.displayText().find("certificate") != std::string::npos;
    if (isTrust) return untrusted(host, error);
    return Error(ErrorCode::NetworkProtocol, host + " speaks no TLS that is spoken here: " + error.displayText());
  } catch (const Poco::Exception& error) {
    return Error(ErrorCode::NetworkProtocol, "the connection broke: " + error.displayText());
  }
}

}  // namespace tenon::host
