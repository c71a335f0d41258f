// How one platform runs a service: the value of one member of "platforms" in service.json.
#include <algorithm>
#include <utility>

#include "host/contract/JsonValues.h"
#include "host/contract/release/PackagePath.h"
#include "host/contract/service/ServiceManifest.h"

namespace tenon::host {
namespace {

constexpr std::int64_t kMaxMegabytes = std::int64_t{1} << 40;
constexpr std::int64_t kMaxCount = std::int64_t{1} << 32;
constexpr double kMaxCpus = 65536;
constexpr std::size_t kNameBytes = 63;  // of an exec type, a driver, a port

bool isNameOf(std::string_view text, std::string_view others) {
  const auto isPlain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !text.empty() && text.size() <= kNameBytes && isPlain(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return isPlain(c) || others.find(c) != std::string_view::npos; });
}

Result<std::string> readExecType(const Json& exec) {
  TENON_TRY(const auto value, exec.member("type"));
  TENON_TRY(auto type, value.string());
  if (!isNameOf(type, "._-")) return value.wrong("an exec type is made of a-z, 0-9, '.', '_' and '-'");
  if (const auto args = exec.find("args")) {
    TENON_TRY(const auto texts, args->strings());
    if (texts.size() > limits::kArguments)
      return args->wrong("more than " + std::to_string(limits::kArguments) + " arguments");
  }
  return type;
}

// "acme.python" or "acme.python@^2"
Result<std::optional<std::string>> readDriverPin(const Json& variant) {
  const auto value = variant.find("driver");
  if (!value) return std::optional<std::string>();
  TENON_TRY(auto pin, value->string());
  const auto at = pin.find('@');
  if (!isNameOf(std::string_view(pin).substr(0, at), "._-")) return value->wrong("expected a driver's name, or NAME@RANGE");
  if (at != std::string::npos) {
    if (const auto range = SemVerRange::parse(std::string_view(pin).substr(at + 1)); !range)
      return value->wrong(range.error().message());
  }
  return std::optional(std::move(pin));
}

Result<std::uint16_t> readPort(const Json& value) {
  TENON_TRY(const auto port, value.integer(1, 65535));
  return static_cast<std::uint16_t>(port);
}

// Their names become SERVICE_PORT_<NAME>, so no two may differ only in what upper case or '_' hides.
Result<std::map<std::string, std::uint16_t>> readPorts(const Json& variant) {
  std::map<std::string, std::uint16_t> ports;
  const auto value = variant.find("ports");
  if (!value) return ports;
  TENON_TRY(const auto members, value->members());
  if (members.size() > limits::kExtraPorts)
    return value->wrong("more than " + std::to_string(limits::kExtraPorts) + " ports");
  for (const auto& [name, port] : members) {
    if (!isNameOf(name, "_")) return port.wrong("a port's name is made of a-z, 0-9 and '_'");
    TENON_TRY(ports[name], readPort(port));
  }
  return ports;
}

Result<std::vector<std::string>> readPaths(const Json& files, std::string_view key) {
  std::vector<std::string> paths;
  const auto list = files.find(key);
  if (!list) return paths;
  TENON_TRY(const auto items, list->array());
  for (const auto& item : items) {
    TENON_TRY(auto path, item.string());
    const auto bare = path.ends_with('/') ? std::string_view(path).substr(0, path.size() - 1) : std::string_view(path);
    if (const auto safe = checkPackagePath(bare); !safe) return item.wrong(safe.error().message());
    paths.push_back(std::move(path));
  }
  return paths;
}

// Globs name files of the package: '*', '?' and '[…]' beside what paths are made of.
Result<std::vector<std::string>> readGlobs(const Json& files, std::string_view key) {
  std::vector<std::string> globs;
  const auto list = files.find(key);
  if (!list) return globs;
  TENON_TRY(const auto items, list->array());
  for (const auto& item : items) {
    TENON_TRY(auto glob, item.string());
    std::string plain = glob;
    std::replace_if(
        plain.begin(), plain.end(), [](char c) { return c == '*' || c == '?'; }, '_');
    if (const auto safe = checkPackagePath(plain); !safe) return item.wrong(safe.error().message());
    globs.push_back(std::move(glob));
  }
  return globs;
}

Result<std::optional<std::uint64_t>> readCount(const Json& object, std::string_view key, std::int64_t least,
                                               std::int64_t most) {
  const auto value = object.find(key);
  if (!value) return std::optional<std::uint64_t>();
  TENON_TRY(const auto number, value->integer(least, most));
  return std::optional(static_cast<std::uint64_t>(number));
}

}  // namespace

Result<Resources> Resources::parse(const Json& value) {
  if (!value.isObject()) return value.wrong("expected an object");
  Resources resources;
  TENON_TRY(resources.memoryMb, readCount(value, "memory_mb", 1, kMaxMegabytes));
  TENON_TRY(resources.gpuMemoryMb, readCount(value, "gpu_memory_mb", 0, kMaxMegabytes));
  TENON_TRY(resources.pids, readCount(value, "pids", 1, kMaxCount));
  TENON_TRY(resources.openFiles, readCount(value, "open_files", 1, kMaxCount));
  if (const auto cpus = value.find("cpus")) {
    TENON_TRY(resources.cpus, cpus->number());
    if (!(*resources.cpus > 0 && *resources.cpus <= kMaxCpus)) return cpus->wrong("expected a number of processors above 0");
  }
  return resources;
}

Result<PlatformVariant> PlatformVariant::parse(const Json& value) {
  TENON_TRY(const auto exec, value.member("exec"));
  if (!exec.isObject()) return exec.wrong("expected an object");
  PlatformVariant variant(exec);
  TENON_TRY(variant.execType, readExecType(exec));
  TENON_TRY(variant.entrypoint, value.stringOr("entrypoint", ""));
  TENON_TRY(variant.driverPin, readDriverPin(value));
  if (const auto port = value.find("default_port")) {
    TENON_TRY(variant.defaultPort, readPort(*port));
  }
  TENON_TRY(variant.fixedPort, value.booleanOr("fixed_port", false));
  if (variant.fixedPort && !variant.defaultPort) return value.wrong("a fixed_port is its default_port, which is not named");
  TENON_TRY(variant.ports, readPorts(value));
  if (const auto files = value.find("files")) {
    if (!files->isObject()) return files->wrong("expected an object");
    TENON_TRY(variant.filesRequired, readPaths(*files, "requires"));
    TENON_TRY(variant.filesOptional, readPaths(*files, "optional"));
    TENON_TRY(variant.filesExecutable, readGlobs(*files, "executable"));
  }
  if (const auto resources = value.find("resources")) {
    TENON_TRY(variant.resources, Resources::parse(*resources));
  }
  return variant;
}

}  // namespace tenon::host
