#include "host/http/HttpProxies.h"

#include <Poco/Base64Encoder.h>
#include <Poco/Environment.h>
#include <Poco/Exception.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/String.h>
#include <Poco/StringTokenizer.h>
#include <Poco/URI.h>

#include <sstream>

namespace tenon::host {
namespace {

constexpr unsigned short kProxyPort = 1080;  // what curl takes where none is named

std::string variable(const std::string& name) {
  const auto text = Poco::Environment::get(name, "");
  return text.empty() ? Poco::Environment::get(Poco::toUpper(name), "") : text;
}

bool isHere(const std::string& host) {
  Poco::Net::IPAddress address;
  return host == "localhost" || (Poco::Net::IPAddress::tryParse(host, address) && address.isLoopback());
}

// "example.com" and ".example.com" mean that host and all below it.
bool names(std::string entry, const std::string& host, unsigned port) {
  if (entry == "*") return true;
  const auto colon = entry.rfind(':');
  if (colon != std::string::npos && entry.find(':') == colon) {
    if (entry.substr(colon + 1) != std::to_string(port)) return false;
    entry.resize(colon);
  }
  if (entry.starts_with('.')) entry.erase(0, 1);
  if (entry.empty()) return false;
  return Poco::icompare(entry, host) == 0 || Poco::toLower(host).ends_with("." + Poco::toLower(entry));
}

std::string basic(const std::string& userAndPassword) {
  if (userAndPassword.empty()) return "";
  std::string plain;
  Poco::URI::decode(userAndPassword, plain);
  std::ostringstream out;
  Poco::Base64Encoder encoder(out);
  encoder.rdbuf()->setLineLength(0);
  encoder << plain;
  encoder.close();
  return "Basic " + out.str();
}

// The password stays out of what is told.
Error noProxy(const std::string& why) {
  return Error(ErrorCode::Usage, "the proxy that the environment names cannot be used: " + why)
      .withHint("http_proxy and https_proxy are http://host:port");
}

}  // namespace

HttpProxies HttpProxies::fromEnvironment() {
  return {variable("http_proxy"), variable("https_proxy"), variable("no_proxy")};
}

Result<std::optional<HttpProxy>> HttpProxies::choose(const std::string& scheme, const std::string& host,
                                                     unsigned port) const {
  const std::string& named = scheme == "https" ? https : http;
  if (named.empty() || isHere(host)) return std::optional<HttpProxy>();
  for (const auto& entry : Poco::StringTokenizer(none, ",", Poco::StringTokenizer::TOK_TRIM)) {
    if (names(entry, host, port)) return std::optional<HttpProxy>();
  }
  try {
    const Poco::URI url(named.find("://") == std::string::npos ? "http://" + named : named);
    if (url.getScheme() != "http") return noProxy("its scheme is " + url.getScheme());
    if (url.getHost().empty()) return noProxy("it names no host");
    const bool hasPort = !url.getSpecifiedPort() ? false : true;
    const bool v6 = url.getHost().find(':') != std::string::npos;
    return std::optional(HttpProxy{(v6 ? "[" + url.getHost() + "]" : url.getHost()) + ":" +
                                       std::to_string(hasPort ? url.getSpecifiedPort() : kProxyPort),
                                   basic(url.getUserInfo())});
  } catch (const Poco::Exception&) {
    return noProxy("it is no URL");
  }
}

}  // namespace tenon::host
