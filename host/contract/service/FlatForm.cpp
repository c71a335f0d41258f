#include "host/contract/service/FlatForm.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

#include "host/contract/JsonValues.h"
#include "host/contract/release/Release.h"
#include "host/contract/service/LaunchPlan.h"

namespace tenon::host {
namespace {

constexpr std::array<const char*, 5> kPlatforms{"linux-x64", "linux-arm64", "windows-x64", "darwin-x64", "darwin-arm64"};
// What only the platform form has: left out, a service would be kept, limited or stopped otherwise than its file says.
constexpr std::array<const char*, 11> kPlatformFormAlone{"isolation", "restart",    "stop",       "requires",
                                                         "logs",      "resources",  "upgrade",    "models",
                                                         "endpoint",  "env_schema", "instance_id"};
constexpr std::int64_t kStartupGraceMs = 120'000;
constexpr std::int64_t kMostMs = 3'600'000;

using Words = std::vector<std::string>;

// What `cargo run` would start: the program named by --bin, else that of the service's name; what follows "--" is its own.
JsonObject builtByCargo(const std::string& id, Words& args) {
  constexpr std::string_view kBin = "--bin";
  const auto own = std::find(args.begin(), args.end(), "--");
  std::string program = id;
  for (auto word = args.begin(); word != own; ++word) {
    if (*word == kBin && std::next(word) != own) program = *std::next(word);
    if (word->starts_with("--bin=")) program = word->substr(kBin.size() + 1);
  }
  JsonObject out;
  out.set("type", "rust").set("program", program);
  args.erase(args.begin(), own == args.end() ? own : std::next(own));
  return out;
}

// By the driver whose runtime the command names; any other command is run as it is. Takes away the arguments that it uses.
JsonObject driven(const std::string& command, const std::string& id, Words& args) {
  JsonObject out;
  const bool python = command == "python" || command == "python3";
  const bool script = !args.empty() && !args.front().starts_with('-');
  if (command == "cargo") return builtByCargo(id, args);
  if (python && args.size() > 1 && args.front() == "-m") {
    out.set("type", "python").set("module", args[1]);
    args.erase(args.begin(), args.begin() + 2);
  } else if ((python || command == "node") && script) {
    out.set("type", python ? "python" : "node").set("entry", args.front());
    args.erase(args.begin());
  } else {
    out.set("type", "argv").set("program", command);
  }
  return out;
}

Result<JsonObject> execOf(const Json& exec, const std::string& id) {
  TENON_TRY(const auto member, exec.member("command"));
  TENON_TRY(const auto command, member.string());
  TENON_TRY(auto args, exec.stringsOr("args", {}));
  TENON_TRY(const auto cwd, exec.stringOr("cwd", "."));
  JsonObject out = driven(command, id, args);
  out.set("args", args).set("cwd", cwd);
  return out;
}

Result<JsonObject> healthOf(const Json& flat, bool hasPort) {
  JsonObject out;
  const auto check = flat.find("health_check");
  const auto path = flat.find("health_path");
  if (!check && !path) {
    if (!hasPort) return out.set("type", "none");
    return out.set("type", "tcp").set("startup_grace_ms", kStartupGraceMs);
  }
  out.set("type", "http").set("startup_grace_ms", kStartupGraceMs);
  if (check) {
    if (!check->isObject()) return check->wrong("expected an object");
    TENON_TRY(const auto endpoint, check->stringOr("endpoint", "/health"));
    out.set("endpoint", endpoint);
    if (const auto timeout = check->find("timeout_ms")) {
      TENON_TRY(const auto ms, timeout->integer(1, kMostMs));
      out.set("timeout_ms", ms);
    }
  } else {
    TENON_TRY(const auto endpoint, path->string());
    out.set("endpoint", endpoint);
  }
  return out;
}

Result<JsonObject> platformOf(const Json& flat, const std::string& id, std::optional<std::int64_t> port) {
  JsonObject out;
  TENON_TRY(const auto exec, flat.member("exec"));
  TENON_TRY(const auto how, execOf(exec, id));
  out.set("exec", how);
  if (port) out.set("default_port", *port).set("fixed_port", true);
  TENON_TRY(const auto gpu, flat.booleanOr("gpu_required", false));
  if (gpu) out.set("resources", JsonObject().set("gpu_memory_mb", 1));
  return out;
}

}  // namespace

bool isFlatForm(const Json& document) {
  const bool platformForm = document.find("service_id") || document.find("platforms");
  return !platformForm && document.find("id") && (document.find("exec") || document.find("port"));
}

Result<std::string> platformFormOf(const Json& flat) {
  for (const char* member : kPlatformFormAlone) {
    if (const auto found = flat.find(member)) {
      return found->wrong("the flat form of service.json has no such member")
          .withHint("write the platform form: docs/service-json.md");
    }
  }
  JsonObject out;
  TENON_TRY(const auto id, memberAs<ServiceId>(flat, "id"));
  TENON_TRY(const auto version, memberAs<SemVer>(flat, "version"));
  out.set("service_id", id.text()).set("version", version.text());
  TENON_TRY(const auto name, flat.stringOr("name", id.text()));
  out.set("name", name);
  std::optional<std::int64_t> port;
  if (const auto value = flat.find("port")) {
    TENON_TRY(port, value->integer(1, 65535));
  }
  TENON_TRY(const auto platform, platformOf(flat, id.text(), port));
  JsonObject platforms;
  for (const char* each : kPlatforms) platforms.set(each, platform);
  TENON_TRY(const auto health, healthOf(flat, port.has_value()));
  out.set("platforms", platforms).set("health_check", health).set("env_schema", JsonObject());
  if (const auto env = flat.find("env")) {
    TENON_CHECK(parseEnvironment(*env));  // here, where it knows its line
    out.set("env", *env);
  }
  return out.pretty();
}

}  // namespace tenon::host
