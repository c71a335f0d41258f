#include "platform/linux/process/SpawnRequest.h"

#include <algorithm>

#include "tenon/json.hpp"

namespace tenon::platform {

namespace {

using json::Value;

// Text that goes to the kernel ends at its first NUL, so none may hold one.
Outcome readText(const Value& from, const std::string& field, std::string& into) {
  const std::string* text = from.string();
  if (!text) return invalid(field, field + ": expected a string");
  if (text->find('\0') != std::string::npos) return invalid(field, field + ": holds a NUL byte");
  into = *text;
  return kDone;
}

Outcome readMember(const Value& document, const std::string& key, std::string& into) {
  const Value* value = document.find(key);
  if (!value) return invalid(key, key + ": missing");
  return readText(*value, key, into);
}

Outcome readAbsolute(const Value& document, const std::string& key, std::string& into) {
  if (auto fault = readMember(document, key, into)) return fault;
  if (into.empty() || into.front() != '/') return invalid(key, key + ": \"" + into + "\" is no absolute path");
  return kDone;
}

Outcome readArguments(const Value& document, std::vector<std::string>& into) {
  const Value* value = document.find("argv");
  const json::Items* items = value ? value->items() : nullptr;
  if (!items || items->empty()) return invalid("argv", "argv: expected a list with a program");
  for (std::size_t at = 0; at < items->size(); ++at) {
    into.emplace_back();
    if (auto fault = readText((*items)[at], "argv[" + std::to_string(at) + "]", into.back())) return fault;
  }
  if (into[0].empty() || into[0].front() != '/') {
    return invalid("argv[0]", "argv[0]: \"" + into[0] + "\" is no absolute path");
  }
  return kDone;
}

Outcome readEnvironment(const Value& document, std::vector<std::string>& into) {
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
    into.push_back(key + "=" + text);
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
  constexpr double kLeast = 0.01, kMost = 4096;  // a hundredth of a processor is what the kernel's quota can hold
  const auto number = cpus->number();
  if (!number || *number < kLeast || *number > kMost) {
    return invalid("limits.cpus", "limits.cpus: expected a number from 0.01 to 4096");
  }
  into.cpus = *number;
  return kDone;
}

Outcome readPath(const Value& from, const std::string& field, std::string& into) {
  if (auto fault = readText(from, field, into)) return fault;
  if (into.empty() || into.front() != '/') return invalid(field, field + ": \"" + into + "\" is no absolute path");
  return kDone;
}

Outcome readPaths(const Value& object, const std::string& key, const std::string& within, std::vector<std::string>& into) {
  const Value* value = object.find(key);
  if (!value) return kDone;
  const json::Items* items = value->items();
  if (!items) return invalid(within + key, within + key + ": expected a list of paths");
  for (std::size_t at = 0; at < items->size(); ++at) {
    into.emplace_back();
    if (auto fault = readPath((*items)[at], within + key + "[" + std::to_string(at) + "]", into.back())) return fault;
  }
  return kDone;
}

Outcome readFiles(const Value& isolation, std::optional<FileRules>& into) {
  const Value* files = isolation.find("files");
  if (!files) return kDone;
  const std::string within = "isolation.files.";
  if (!files->members()) return invalid("isolation.files", "isolation.files: expected an object");
  FileRules rules;
  std::string rest = "open";
  if (const Value* value = files->find("rest")) {
    if (auto fault = readText(*value, within + "rest", rest)) return fault;
  }
  if (rest != "open" && rest != "system" && rest != "read-only") {
    return invalid(within + "rest", within + "rest: expected open, system or read-only");
  }
  using Rest = FileRules::Rest;
  rules.rest = rest == "open" ? Rest::Open : rest == "system" ? Rest::System : Rest::ReadOnly;
  if (const Value* hidden = files->find("hidden")) {
    if (auto fault = readPath(*hidden, within + "hidden", rules.hidden)) return fault;
  }
  if (auto fault = readPaths(*files, "read", within, rules.read)) return fault;
  if (auto fault = readPaths(*files, "write", within, rules.write)) return fault;
  into = std::move(rules);
  return kDone;
}

Outcome readSwitch(const Value& isolation, const std::string& key, bool& into) {
  const Value* value = isolation.find(key);
  if (!value) return kDone;
  if (!value->boolean()) return invalid("isolation." + key, "isolation." + key + ": expected true or false");
  into = *value->boolean();
  return kDone;
}

Outcome readIsolation(const Value& document, IsolationRequest& into) {
  const Value* isolation = document.find("isolation");
  if (!isolation) return kDone;
  if (!isolation->members()) return invalid("isolation", "isolation: expected an object");
  if (const Value* required = isolation->find("required")) into.required = required->boolean().value_or(false);
  if (const Value* user = isolation->find("user")) {
    constexpr std::int64_t kMost = 0xFFFFFFFE;  // the next is "no change" to the kernel
    const auto number = user->integer();
    if (!number || *number < 1 || *number > kMost) {
      return invalid("isolation.user", "isolation.user: expected a number from 1 to 4294967294");
    }
    into.user = static_cast<std::uint32_t>(*number);
  }
  if (auto fault = readSwitch(*isolation, "network", into.network)) return fault;
  if (auto fault = readSwitch(*isolation, "privileges", into.privileges)) return fault;
  if (auto fault = readPaths(*isolation, "owned", "isolation.", into.owned)) return fault;
  return readFiles(*isolation, into.files);
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
  constexpr std::size_t kNameBytes = 200;  // with the suffix, still one part of a path
  return !name.empty() && name.size() <= kNameBytes && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
         });
}

Outcome parseBecomeRequest(std::string_view document, std::vector<std::string>& argv) {
  const auto parsed = json::parse(document);
  if (!parsed) return invalid("", "become request: " + parsed.error);
  std::string schema;
  if (auto fault = readMember(*parsed, "schema", schema)) return fault;
  if (schema != "tenon.become/1") return invalid("schema", "schema: expected tenon.become/1, found \"" + schema + "\"");
  return readArguments(*parsed, argv);
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
  if (auto fault = readArguments(top, request.argv)) return fault;
  if (auto fault = readEnvironment(top, request.env)) return fault;
  if (auto fault = readAbsolute(top, "cwd", request.cwd)) return fault;
  if (top.find("output")) {
    if (auto fault = readAbsolute(top, "output", request.output)) return fault;
  }
  if (auto fault = readLimits(top, request.limits)) return fault;
  if (auto fault = readIsolation(top, request.isolation)) return fault;
  if (auto fault = readInto(top, request.into)) return fault;
  return checkUnderstood(top);
}

}  // namespace tenon::platform
