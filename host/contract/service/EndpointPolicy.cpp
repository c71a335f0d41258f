#include "host/contract/service/EndpointPolicy.h"

#include "host/contract/JsonValues.h"

namespace tenon::host {
namespace {

constexpr Choices<EndpointPolicy::Protocol, 2> kProtocols{
    {{"http", EndpointPolicy::Protocol::Http}, {"tcp", EndpointPolicy::Protocol::Tcp}}};
constexpr std::size_t kAddressBytes = 45;  // the longest form of an IPv6 address

}  // namespace

Result<EndpointPolicy> EndpointPolicy::parse(const Json& value) {
  if (!value.isObject()) return value.wrong("expected an object");
  EndpointPolicy policy;
  TENON_TRY(const auto port, integerMember(value, "port", 1, 65535));
  policy.port = static_cast<std::uint16_t>(port);
  if (const auto address = value.find("address")) {
    TENON_TRY(policy.address, address->string());
    const bool numeric = policy.address.find_first_not_of("0123456789abcdefABCDEF.:") == std::string::npos;
    if (!numeric || policy.address.empty() || policy.address.size() > kAddressBytes) {
      return address->wrong("expected a numeric address: 127.0.0.1, 0.0.0.0, ::1");
    }
  }
  if (const auto protocol = value.find("protocol")) {
    TENON_TRY(policy.protocol, choiceOf(*protocol, kProtocols));
  }
  return policy;
}

JsonObject EndpointPolicy::toJson() const {
  JsonObject out;
  out.set("address", address).set("port", static_cast<std::int64_t>(port)).set("protocol", nameOf(protocol, kProtocols));
  return out;
}

std::string EndpointPolicy::text() const {
  const bool v6 = address.find(':') != std::string::npos;
  return (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

}  // namespace tenon::host
