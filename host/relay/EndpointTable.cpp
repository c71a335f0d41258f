#include "host/relay/EndpointTable.h"

#include "host/adapter/AtomicFile.h"
#include "host/base/Limits.h"

namespace tenon::host {
namespace {

Result<std::pair<ServiceId, Endpoint>> parseEntry(const Json& value) {
  TENON_TRY(const auto member, value.member("service"));
  TENON_TRY(const auto id, member.string());
  TENON_TRY(auto service, ServiceId::parse(id));
  Endpoint endpoint;
  TENON_TRY(endpoint.front, EndpointPolicy::parse(value));
  TENON_TRY(const auto to, value.integerOr("to", 0, 0, 65535));
  endpoint.to = static_cast<std::uint16_t>(to);
  TENON_TRY(endpoint.awaited, value.booleanOr("awaited", false));
  return std::pair(std::move(service), std::move(endpoint));
}

}  // namespace

Result<EndpointTable> parseEndpointTable(std::string_view text) {
  TENON_TRY(const auto document, Json::parse(text, {.bytes = limits::kEndpointTableBytes}));
  TENON_TRY(const auto list, document.member("endpoints"));
  TENON_TRY(const auto entries, list.array());
  EndpointTable table;
  for (const Json& each : entries) {
    TENON_TRY(auto entry, parseEntry(each));
    if (!table.insert(std::move(entry)).second) return each.wrong("this service stands here twice");
  }
  return table;
}

std::string toJson(const EndpointTable& table) {
  JsonArray entries;
  for (const auto& [service, endpoint] : table) {
    JsonObject entry = endpoint.front.toJson();
    entry.set("service", service.text()).set("to", static_cast<std::int64_t>(endpoint.to)).set("awaited", endpoint.awaited);
    entries.add(entry);
  }
  return JsonObject().set("endpoints", entries).text();
}

Result<EndpointTable> readEndpointTable(Files& files, const Path& file) {
  const auto text = files.readAll(file, limits::kEndpointTableBytes);
  if (!text && text.error().code() == ErrorCode::NotFound) return EndpointTable{};
  if (!text) return text.error();
  return withContext(file.text(), parseEndpointTable(*text));
}

Result<void> writeEndpointTable(Files& files, const Path& file, const EndpointTable& table) {
  return replaceAtomically(files, file, toJson(table), true);
}

}  // namespace tenon::host
