#include "host/contract/service/ServiceNames.h"

#include <optional>
#include <utility>

namespace tenon::host {
namespace {

// "admin-ui" → "ADMIN_UI".
std::string variableName(std::string_view portName) {
  std::string out;
  for (const char c : portName) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool kept = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    out += lower ? static_cast<char>(c - 'a' + 'A') : kept ? c : '_';
  }
  return out;
}

// What is no string expands as it is.
std::optional<Error> faultOf(const Json& text, const Names& names) {
  const auto value = text.string();
  if (!value) return std::nullopt;
  auto expanded = expand(*value, names);
  if (expanded) return std::nullopt;
  return std::move(expanded).error().withField(text.path()).withPlace(text.place());
}

std::vector<std::pair<std::string, Json>> membersOf(const Json& document, std::string_view key) {
  const auto object = document.find(key);
  if (!object) return {};
  return object->members().value_or(std::vector<std::pair<std::string, Json>>());
}

void addMember(const Json& object, std::string_view key, std::vector<Json>& texts) {
  if (const auto value = object.find(key)) texts.push_back(*value);
}

// What every platform has.
std::vector<Json> sharedTexts(const Json& document) {
  std::vector<Json> texts;
  for (const auto& [name, value] : membersOf(document, "env")) texts.push_back(value);
  for (const auto& [name, variable] : membersOf(document, "env_schema")) addMember(variable, "default", texts);
  if (const auto health = document.find("health_check")) {
    addMember(*health, "endpoint", texts);
    addMember(*health, "live_endpoint", texts);
  }
  return texts;
}

}  // namespace

Names serviceNames(const NamedValues& values) {
  const std::string port = std::to_string(values.port), models = values.home + "/models";
  Names names{{"SERVICE_PORT", port},         {"PORT", port},
              {"SERVICE_ID", values.service}, {"SERVICE_VERSION", values.version},
              {"SERVICE_HOME", values.home},  {"DATA_DIR", values.data},
              {"MODELS_DIR", models},         {"MODEL_PATH", models}};
  for (const auto& [name, number] : values.ports) names["SERVICE_PORT_" + variableName(name)] = std::to_string(number);
  return names;
}

std::vector<Error> unknownNames(const Json& document, const ServiceManifest& manifest) {
  std::vector<Error> faults;
  std::vector<Names> everyPlatforms;
  for (const auto& [platform, variant] : manifest.platforms) {
    everyPlatforms.push_back(serviceNames({.service = {}, .version = {}, .home = {}, .data = {}, .ports = variant.ports}));
    const auto args = variant.exec.find("args");
    const auto items = args ? args->array() : Result<std::vector<Json>>(std::vector<Json>());
    if (!items) continue;
    for (const auto& item : *items) {
      if (auto fault = faultOf(item, everyPlatforms.back())) faults.push_back(*std::move(fault));
    }
  }
  for (const auto& text : sharedTexts(document)) {
    std::optional<Error> fault;
    for (const auto& names : everyPlatforms) {
      if (!fault) fault = faultOf(text, names);
    }
    if (fault) faults.push_back(*std::move(fault));
  }
  return faults;
}

}  // namespace tenon::host
