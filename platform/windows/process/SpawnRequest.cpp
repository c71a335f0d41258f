#include "platform/windows/process/SpawnRequest.h"

#include <algorithm>
#include <utility>

#include "platform/windows/process/RequestFields.h"
#include "tenon/json.hpp"

namespace tenon::platform {

namespace {

using json::Value;

Outcome readEnvironment(const Value& document, EnvironmentPairs& into) {
  const Value* value = document.find("env");
  if (!value) return kDone;
  const json::Items* items = value->items();
  if (!items) return invalid("env", "env: expected a list of pairs");
  for (std::size_t at = 0; at < items->size(); ++at) {
    const std::string field = "env[" + std::to_string(at) + "]";
    const json::Items* pair = (*items)[at].items();
    if (!pair || pair->size() != 2) return invalid(field, field + ": expected a name and a value");
    std::string key, text;
    if (auto fault = readText((*pair)[0], field, key)) return fault;
    if (auto fault = readText((*pair)[1], field, text)) return fault;
    if (key.empty() || key.find('=') != std::string::npos) return invalid(field, field + ": \"" + key + "\" is no name");
    into.emplace_back(std::move(key), std::move(text));
  }
  return kDone;
}

Outcome readCount(const Value& limits, const std::string& key, std::optional<std::uint64_t>& into) {
  const Value* value = limits.find(key);
  if (!value || value->isNull()) return kDone;
  const auto number = value->integer();
  if (!number || *number < 1) return invalid("limits." + key, "limits." + key + ": expected a number above 0");
  into = static_cast<std::uint64_t>(*number);
  return kDone;
}

Outcome readLimits(const Value& document, Limits& into) {
  const Value* limits = document.find("limits");
  if (!limits || limits->isNull()) return kDone;
  if (!limits->members()) return invalid("limits", "limits: expected an object");
  if (auto fault = readCount(*limits, "memory_bytes", into.memoryBytes)) return fault;
  if (auto fault = readCount(*limits, "processes", into.processes)) return fault;
  if (auto fault = readCount(*limits, "open_files", into.openFiles)) return fault;
  const Value* cpus = limits->find("cpus");
  if (!cpus || cpus->isNull()) return kDone;
  constexpr double kLeast = 0.01, kMost = 4096;  // the request's schema
  const auto number = cpus->number();
  if (!number || *number < kLeast || *number > kMost) {
    return invalid("limits.cpus", "limits.cpus: expected a number from 0.01 to 4096");
  }
  into.cpus = *number;
  return kDone;
}

Outcome readIsolation(const Value& document, SpawnRequest& request) {
  const Value* isolation = document.find("isolation");
  if (!isolation) return kDone;
  if (!isolation->members()) return invalid("isolation", "isolation: expected an object");
  if (isolation->find("user")) request.lacks.emplace_back(kNoUser);
  if (isolation->find("files")) request.lacks.emplace_back(kNoFiles);
  const Value* network = isolation->find("network");
  if (network && !network->boolean()) return invalid("isolation.network", "isolation.network: expected true or false");
  if (network && !*network->boolean()) request.lacks.emplace_back(kNetworkOpen);
  const Value* required = isolation->find("required");
  if (!required || !required->boolean().value_or(false) || request.lacks.empty()) return kDone;
  return Fault{TENON_UNSUPPORTED, "isolate " + request.name + ": " + request.lacks.front(), "resource-missing"};
}

Outcome readInto(const Value& document, std::optional<std::uint64_t>& into) {
  const Value* value = document.find("into");
  if (!value) return kDone;
  const auto number = value->integer();
  if (!number || *number < 1) return invalid("into", "into: expected a handle");
  into = static_cast<std::uint64_t>(*number);
  return kDone;
}

// A list of another shape is no request that we know, and so passed over.
Outcome checkUnderstood(const Value& document) {
  const Value* needed = document.find("must_understand");
  if (!needed || !needed->items()) return kDone;
  const auto name = json::notUnderstood(
      document, {"schema", "name", "argv", "env", "cwd", "output", "limits", "isolation", "into", "must_understand"});
  if (!name) return kDone;
  return invalid("must_understand", "must_understand: this adapter does not know \"" + *name + "\"");
}

}  // namespace

bool isGroupName(std::string_view name) {
  constexpr std::size_t kNameBytes = 200;  // with prefix and suffix within the 260 of a kernel object's name
  return !name.empty() && name.size() <= kNameBytes && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
         });
}

Outcome parseSpawnRequest(std::string_view document, SpawnRequest& request) {
  const auto parsed = json::parse(document);
  if (!parsed) return invalid("", "spawn request: " + parsed.error);
  const Value& top = *parsed;
  std::string schema;
  if (auto fault = readMember(top, "schema", schema)) return fault;
  if (schema != "tenon.spawn/1") return invalid("schema", "schema: expected tenon.spawn/1, found \"" + schema + "\"");
  if (auto fault = readMember(top, "name", request.name)) return fault;
  if (!isGroupName(request.name)) return invalid("name", "name: \"" + request.name + "\" is not made of a-z 0-9 . _ -");
  if (auto fault = readArguments(top, request.argv, request.program)) return fault;
  if (auto fault = readEnvironment(top, request.env)) return fault;
  if (auto fault = readAbsolute(top, "cwd", request.cwd)) return fault;
  if (top.find("output")) {
    if (auto fault = readAbsolute(top, "output", request.output.emplace())) return fault;
  }
  if (auto fault = readLimits(top, request.limits)) return fault;
  if (auto fault = readInto(top, request.into)) return fault;
  if (auto fault = readIsolation(top, request)) return fault;
  return checkUnderstood(top);
}

}  // namespace tenon::platform
