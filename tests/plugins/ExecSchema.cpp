#include "tests/plugins/ExecSchema.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>

namespace tenon::host {

namespace {

using json::Value;

const std::string& text(const Value& value) { return *value.string(); }

bool isOfType(const Value& value, const std::string& type) {
  if (type == "object") return value.members() != nullptr;
  if (type == "array") return value.items() != nullptr;
  if (type == "string") return value.string() != nullptr;
  throw std::runtime_error("a schema has the unknown type " + type);
}

std::string faultOf(const Value& schema, const Value& value, const std::string& path);

std::string faultOfMembers(const Value& properties, const Value& object, const std::string& path) {
  for (const auto& [name, schema] : *properties.members()) {
    const Value* member = object.find(name);
    if (!member) continue;
    if (auto fault = faultOf(schema, *member, path + "." + name); !fault.empty()) return fault;
  }
  return "";
}

std::string faultOfItems(const Value& schema, const Value& list, const std::string& path) {
  for (const auto& item : *list.items()) {
    if (auto fault = faultOf(schema, item, path + "[]"); !fault.empty()) return fault;
  }
  return "";
}

std::string faultOfRule(const std::string& rule, const Value& says, const Value& value, const std::string& path) {
  if (rule == "type") return isOfType(value, text(says)) ? "" : path + " is no " + text(says);
  if (rule == "const") return value == says ? "" : path + " is not " + says.text();
  if (rule == "properties") return value.members() ? faultOfMembers(says, value, path) : "";
  if (rule == "items") return value.items() ? faultOfItems(says, value, path) : "";
  if (rule == "not") return faultOf(says, value, path).empty() ? path + " has what excludes each other" : "";
  if (rule == "minLength") {
    const bool isShort = value.string() && static_cast<std::int64_t>(value.string()->size()) < *says.integer();
    return isShort ? path + " is too short" : "";
  }
  if (rule == "required") {
    for (const auto& name : *says.items()) {
      if (!value.find(text(name))) return path + " has no " + text(name);
    }
    return "";
  }
  const std::set<std::string> words{"$schema", "$id", "title", "description", "examples"};
  if (!words.contains(rule)) throw std::runtime_error("a schema has the unknown rule " + rule);
  return "";
}

std::string faultOf(const Value& schema, const Value& value, const std::string& path) {
  for (const auto& [rule, says] : *schema.members()) {
    if (auto fault = faultOfRule(rule, says, value, path); !fault.empty()) return fault;
  }
  return "";
}

}  // namespace

Value pluginDocument(const std::string& driver, const std::string& file) {
  const std::string path = TENON_SOURCE_DIR "/plugins/" + driver + "/" + file;
  std::ifstream in(path, std::ios::binary);
  const auto parsed = json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
  if (!parsed) throw std::runtime_error(path + ": " + parsed.error);
  return *parsed;
}

std::vector<std::string> shippedDrivers() {
  std::vector<std::string> drivers;
  for (const auto& entry : std::filesystem::directory_iterator(TENON_SOURCE_DIR "/plugins")) {
    if (entry.is_directory()) drivers.push_back(entry.path().filename().string());
  }
  std::sort(drivers.begin(), drivers.end());
  return drivers;
}

std::vector<ExecSchema> ExecSchema::all() {
  std::vector<ExecSchema> schemas;
  for (const auto& driver : shippedDrivers()) {
    const Value manifest = pluginDocument(driver, driver + ".plugin.json");
    for (const auto& type : *manifest.find("provides")->items()) {
      schemas.push_back({driver, text(type), pluginDocument(driver, text(type) + ".exec.json")});
    }
  }
  return schemas;
}

std::string ExecSchema::fault(const Value& exec) const { return faultOf(document, exec, "exec"); }

}  // namespace tenon::host
