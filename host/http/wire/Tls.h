// Who may vouch for the servers that are asked by https: the system's certificate authorities, or those of one file alone.
// Names are checked, TLS is 1.2 or later, and there is no way to switch that off. Any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host/base/Result.h"
#include "host/http/wire/Sockets.h"

namespace tenon::host {

class TlsTrust {
 public:
  // The authorities of a file; "": those of the system's list, each in PEM, or, where that is empty, those that OpenSSL
  // finds. Errors: usage (the file cannot be read, or holds no certificate).
  static Result<TlsTrust> load(const std::string& caFile, const std::vector<std::string>& system = {});

  // The same connection, encrypted, with the server's name proven. Errors: network-protocol, denied (the certificate),
  // network-slow.
  Result<Socket> secure(Socket socket, const std::string& host, Millis timeout) const;

  struct Context;

 private:
  explicit TlsTrust(std::shared_ptr<Context> context) : context_(std::move(context)) {}
  std::shared_ptr<Context> context_;
};

}  // namespace tenon::host
