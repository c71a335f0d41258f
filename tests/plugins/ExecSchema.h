// The JSON Schema of an exec block (plugins/<driver>/<type>.exec.json), for as much of the language as those use: type,
// const, required, properties, items, minLength, not.
#pragma once

#include <string>
#include <vector>

#include "tenon/json.hpp"

namespace tenon::host {

struct ExecSchema {
  std::string driver, type;
  json::Value document;

  // In the order in which drivers and their manifests name them.
  static std::vector<ExecSchema> all();
  // What is wrong with the block, "" where it is right. Throws where the schema says what this does not know.
  std::string fault(const json::Value& exec) const;
};

// plugins/<driver>/<file> of the sources.
json::Value pluginDocument(const std::string& driver, const std::string& file);
// The drivers that ship, sorted.
std::vector<std::string> shippedDrivers();

}  // namespace tenon::host
