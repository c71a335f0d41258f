#include "host/contract/service/LaunchPlan.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

#include "host/contract/JsonValues.h"
#include "host/contract/release/PackagePath.h"

namespace tenon::host {
namespace {

constexpr std::string_view kSchema = "tenon.plan/1";
constexpr std::array<std::string_view, 10> kPlanMembers{"schema", "kind", "driver",  "program",    "args",
                                                        "env",    "cwd",  "prepare", "exit_codes", "must_understand"};

bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }

// Programs get C strings: a NUL would cut one in silence.
Result<std::string> textWithoutNul(const Json& value) {
  TENON_TRY(auto text, value.string());
  if (text.find('\0') != std::string::npos) return value.wrong("a NUL character cannot be passed to a program");
  return text;
}

Result<std::string> readProgram(const Json& object) {
  TENON_TRY(const auto value, object.member("program"));
  TENON_TRY(auto program, textWithoutNul(value));
  if (program.empty()) return value.wrong("the program is empty");
  return program;
}

Result<std::vector<std::string>> readArguments(const Json& object) {
  std::vector<std::string> args;
  const auto value = object.find("args");
  if (!value) return args;
  TENON_TRY(const auto items, value->array());
  if (items.size() > limits::kArguments)
    return value->wrong("more than " + std::to_string(limits::kArguments) + " arguments");
  for (const auto& item : items) {
    TENON_TRY(args.emplace_back(), textWithoutNul(item));
  }
  return args;
}

Result<Environment> readEnvironment(const Json& object) {
  const auto value = object.find("env");
  if (!value) return Environment{};
  return parseEnvironment(*value);
}

Result<std::string> readCwd(const Json& document) {
  const auto value = document.find("cwd");
  if (!value) return std::string(".");
  TENON_TRY(auto cwd, textWithoutNul(*value));
  // With ${…} in it only the launcher can tell.
  if (cwd == "." || cwd.find("${") != std::string::npos) return cwd;
  const auto inside = checkPackagePath(cwd.ends_with('/') ? std::string_view(cwd).substr(0, cwd.size() - 1) : cwd);
  if (!inside) return value->wrong("a folder in the package is expected: " + inside.error().message());
  return cwd;
}

Result<std::vector<PrepareStep>> readPrepare(const Json& document) {
  std::vector<PrepareStep> steps;
  const auto value = document.find("prepare");
  if (!value) return steps;
  TENON_TRY(const auto items, value->array());
  if (items.size() > limits::kPrepareSteps)
    return value->wrong("more than " + std::to_string(limits::kPrepareSteps) + " steps");
  for (const auto& item : items) {
    TENON_TRY(auto program, readProgram(item));
    TENON_TRY(auto args, readArguments(item));
    TENON_TRY(auto env, readEnvironment(item));
    steps.push_back({std::move(program), std::move(args), std::move(env)});
  }
  return steps;
}

Result<std::map<int, std::string>> readExitCodes(const Json& document) {
  std::map<int, std::string> meanings;
  const auto value = document.find("exit_codes");
  if (!value) return meanings;
  TENON_TRY(const auto members, value->members());
  if (members.size() > limits::kExitCodeMeanings) return value->wrong("too many of them");
  for (const auto& [key, meaning] : members) {
    int code = 0;
    const auto [end, fault] = std::from_chars(key.data(), key.data() + key.size(), code);
    if (fault != std::errc() || end != key.data() + key.size()) return meaning.wrong("the key is no exit status");
    TENON_TRY(meanings[code], meaning.string());
  }
  return meanings;
}

// What it cannot ignore, and this host does not know, makes the plan unusable here.
Result<void> checkUnderstood(const Json& document) {
  TENON_TRY(const auto names, document.stringsOr("must_understand", {}));
  for (const auto& name : names) {
    if (std::find(kPlanMembers.begin(), kPlanMembers.end(), name) != kPlanMembers.end()) continue;
    return Error(ErrorCode::DriverIncompatible, "the plan needs \"" + shownName(name) + "\", which this tenon does not know")
        .withHint("upgrade tenon, or use an older version of the driver")
        .withField("must_understand");
  }
  return {};
}

Result<void> checkKind(const Json& document) {
  const auto value = document.find("kind");
  if (!value) return {};
  TENON_TRY(const auto kind, value->string());
  if (kind == "process") return {};
  if (kind == "hosted") return value->wrong("\"hosted\" is reserved for workloads inside a plugin, and not offered yet");
  return value->wrong("expected \"process\"");
}

Result<LaunchPlan> readPlan(std::string_view json) {
  // The stored form is the driver's document and the host's own "driver" member.
  TENON_TRY(const auto document, Json::parse(json, {.bytes = limits::kPluginDocumentBytes + 4 * limits::KiB}));
  TENON_TRY(const auto schema, document.member("schema"));
  TENON_TRY(const auto schemaText, schema.string());
  if (schemaText != kSchema) return schema.wrong("expected \"" + std::string(kSchema) + "\"");
  TENON_CHECK(checkUnderstood(document));
  TENON_CHECK(checkKind(document));
  LaunchPlan plan;
  if (const auto driver = document.find("driver")) {
    TENON_TRY(plan.driver, stringMember(*driver, "name"));
    TENON_TRY(plan.driverVersion, stringMember(*driver, "version"));
  }
  TENON_TRY(plan.program, readProgram(document));
  TENON_TRY(plan.args, readArguments(document));
  TENON_TRY(plan.env, readEnvironment(document));
  TENON_TRY(plan.cwd, readCwd(document));
  TENON_TRY(plan.prepare, readPrepare(document));
  TENON_TRY(plan.exitCodes, readExitCodes(document));
  return plan;
}

JsonObject objectOf(const Environment& env) {
  JsonObject object;
  for (auto entry = env.begin(); entry != env.end(); ++entry) {
    const auto sameName = [&](const auto& later) { return later.first == entry->first; };
    if (std::none_of(entry + 1, env.end(), sameName)) object.set(entry->first, entry->second);
  }
  return object;
}

}  // namespace

bool isEnvironmentName(std::string_view name) {
  return !name.empty() && isLetter(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) { return isLetter(c) || isDigit(c); });
}

Result<Environment> parseEnvironment(const Json& value) {
  TENON_TRY(const auto members, value.members());
  if (members.size() > limits::kEnvironmentEntries) {
    return value.wrong("more than " + std::to_string(limits::kEnvironmentEntries) + " variables");
  }
  Environment env;
  for (const auto& [name, text] : members) {
    if (!isEnvironmentName(name)) return text.wrong("a variable's name is made of letters, digits and '_'");
    TENON_TRY(auto checked, textWithoutNul(text));
    env.emplace_back(name, std::move(checked));
  }
  return env;
}

Result<LaunchPlan> LaunchPlan::parse(std::string_view json) {
  return withContext("launch plan", formatFaultAs(ErrorCode::PlanInvalid, readPlan(json)));
}

std::string LaunchPlan::toJson() const {
  JsonObject document;
  document.set("schema", kSchema).set("kind", "process");
  document.set("driver", JsonObject().set("name", driver).set("version", driverVersion));
  document.set("program", program).set("args", args).set("env", objectOf(env)).set("cwd", cwd);
  JsonArray steps;
  for (const auto& step : prepare) {
    steps.add(JsonObject().set("program", step.program).set("args", step.args).set("env", objectOf(step.env)));
  }
  document.set("prepare", steps);
  JsonObject meanings;
  for (const auto& [code, meaning] : exitCodes) meanings.set(std::to_string(code), meaning);
  return document.set("exit_codes", meanings).text();
}

}  // namespace tenon::host
