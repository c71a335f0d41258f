#include "host/runtime/process/Launcher.h"

#include <algorithm>
#include <unordered_map>

#include "host/contract/service/ServiceNames.h"

namespace tenon::host {
namespace {

bool isAbsolute(std::string_view path) {
  return path.starts_with('/') || (path.size() > 2 && path[1] == ':' && path[2] == '/');
}

// ':' where names are /usr/bin, ';' where they are C:/Windows.
char separatorOf(std::string_view searchPath) {
  const bool drives = searchPath.find(';') != std::string_view::npos || (searchPath.size() > 1 && searchPath[1] == ':');
  return drives ? ';' : ':';
}

std::vector<std::string> folders(std::string_view searchPath) {
  const char separator = separatorOf(searchPath);
  std::vector<std::string> out;
  while (!searchPath.empty()) {
    const auto end = std::min(searchPath.find(separator), searchPath.size());
    if (end > 0) out.emplace_back(searchPath.substr(0, end));
    searchPath.remove_prefix(std::min(end + 1, searchPath.size()));
  }
  if (separator == ';') {
    for (std::string& folder : out) std::replace(folder.begin(), folder.end(), '\\', '/');
  }
  return out;
}

// Later wins, in the place of the first.
class EnvironmentBuilder {
 public:
  void set(const std::string& key, std::string value) {
    const auto [at, isNew] = places_.try_emplace(key, variables_.size());
    if (isNew) {
      variables_.emplace_back(key, std::move(value));
    } else {
      variables_[at->second].second = std::move(value);
    }
  }
  Result<void> expandAll(const Environment& from, const Names& names) {
    for (const auto& [key, text] : from) {
      TENON_TRY(std::string value, withContext("environment variable " + key, expand(text, names)));
      set(key, std::move(value));
    }
    return {};
  }
  bool has(const std::string& key) const { return places_.contains(key); }
  Environment take() { return std::move(variables_); }

 private:
  Environment variables_;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace

std::string Launcher::containmentName(const InstanceSpec& spec, InstanceNumber number) const {
  return mark_.name(spec.manifest.service.text() + "." + std::to_string(number));
}

Names Launcher::names(const InstanceSpec& spec, const PortSet& ports) {
  return serviceNames({.service = spec.manifest.service.text(),
                       .version = spec.release.version.text(),
                       .home = spec.packageDir.text(),
                       .data = spec.dataDir.text(),
                       .port = ports.main,
                       .ports = ports.named});
}

// What a service may write to: its data, and its log.
Result<void> Launcher::makeFolders(const InstanceSpec& spec) const {
  TENON_CHECK(files_.makePrivateFolders(spec.dataDir));
  TENON_CHECK(files_.makeFolders(spec.dataDir / "tmp"));
  return files_.makePrivateFolders(spec.log.parent());
}

ProcessIsolation Launcher::isolationOf(const InstanceSpec& spec) {
  ProcessIsolation isolation;
  isolation.owned = {spec.dataDir, spec.dataDir / "tmp"};
  if (spec.isolation.level == Isolation::None) return isolation;
  isolation.required = spec.isolation.level == Isolation::Strict;
  isolation.user = spec.isolation.user;
  isolation.files = FileAccess{.rest = isolation.required ? FileAccess::Rest::System : FileAccess::Rest::Open,
                               .hidden = spec.isolation.node,
                               .read = {spec.packageDir},
                               .write = {spec.dataDir, spec.log}};
  return isolation;
}

Result<SpawnRequest> Launcher::service(const InstanceSpec& spec, InstanceNumber number, const PortSet& ports) const {
  if (spec.fault) return *spec.fault;
  TENON_CHECK(makeFolders(spec));
  return request(spec, containmentName(spec, number), names(spec, ports), {spec.plan.program, spec.plan.args}, {});
}

Result<std::vector<SpawnRequest>> Launcher::prepareSteps(const InstanceSpec& spec, InstanceNumber number,
                                                         const PortSet& ports) const {
  std::vector<SpawnRequest> steps;
  if (spec.fault) return *spec.fault;
  if (spec.plan.prepare.empty()) return steps;
  TENON_CHECK(makeFolders(spec));
  const Names known = names(spec, ports);
  for (const PrepareStep& step : spec.plan.prepare) {
    TENON_TRY(SpawnRequest spawn,
              request(spec, containmentName(spec, number) + ".prepare", known, {step.program, step.args}, step.env));
    steps.push_back(std::move(spawn));
  }
  return steps;
}

Result<std::optional<Launcher::GpuQuery>> Launcher::gpuQuery(const InstanceSpec& spec, InstanceNumber number,
                                                             const Path& output) const {
  TENON_TRY(const PlatformVariant* variant, spec.manifest.variant(spec.release.platform));
  const std::uint64_t megabytes = variant->resources.gpuMemoryMb.value_or(0);
  if (megabytes == 0) return std::optional<GpuQuery>();
  const auto program = findOnNode("nvidia-smi");
  if (!program) {
    return Error(ErrorCode::ResourceMissing,
                 "the service needs " + std::to_string(megabytes) +
                     " MB of a GPU's memory, and this node has no nvidia-smi that tells of a GPU")
        .withHint("install the GPU's driver, or a release that needs none")
        .withField("resources.gpu_memory_mb");
  }
  TENON_CHECK(files_.makePrivateFolders(output.parent()));
  SpawnRequest request;
  request.name = containmentName(spec, number) + ".gpu";
  // Its own words for it (NVIDIA, "nvidia-smi --help-query-gpu").
  request.argv = {program->text(), "--query-gpu=memory.free", "--format=csv,noheader,nounits"};
  request.env = {{"PATH", searchPath_}, {"LANG", "C.UTF-8"}};
  request.cwd = spec.packageDir;
  request.output = output;
  return std::optional(GpuQuery{std::move(request), megabytes});
}

Result<SpawnRequest> Launcher::healthProgram(const InstanceSpec& spec, InstanceNumber number, const PortSet& ports,
                                             const Path& output) const {
  TENON_TRY(const HealthCheck check, healthCheck(spec, ports));
  std::string program = check.endpoint;
  if (program.empty() || isAbsolute(program) || ("/" + program + "/").find("/../") != std::string::npos) {
    return Error(ErrorCode::PlanInvalid, "health_check.endpoint \"" + program + "\" is not a program of the package")
        .withHint("name one below health/, for example \"health/check\"")
        .withField("health_check.endpoint");
  }
  if (!isProgram(spec.packageDir / program)) program = "health/" + program;
  if (!isProgram(spec.packageDir / program)) {
    return Error(ErrorCode::PlanInvalid, "the package has no health program " + check.endpoint)
        .withField("health_check.endpoint");
  }
  program = "./" + program;
  TENON_TRY(SpawnRequest spawn,
            request(spec, containmentName(spec, number) + ".health", names(spec, ports), {program, {}}, {}));
  spawn.output = output;
  if (spawn.isolation.files) spawn.isolation.files->write.push_back(output);
  return spawn;
}

Result<SpawnRequest> Launcher::command(const InstanceSpec& spec, InstanceNumber number, const PortSet& ports,
                                       const std::vector<std::string>& argv, const std::string& name) const {
  if (argv.empty() || argv.front().empty()) return Error(ErrorCode::Usage, "a command begins with its program");
  TENON_TRY(SpawnRequest spawn,
            request(spec, containmentName(spec, number) + "." + name, names(spec, ports), {argv[0], {}}, {}));
  spawn.argv.insert(spawn.argv.end(), argv.begin() + 1, argv.end());
  return spawn;
}

Result<HealthCheck> Launcher::healthCheck(const InstanceSpec& spec, const PortSet& ports) const {
  HealthCheck check = spec.manifest.health;
  TENON_TRY(check.endpoint, withContext("health_check.endpoint", expand(check.endpoint, names(spec, ports))));
  TENON_TRY(check.liveEndpoint, withContext("health_check.live_endpoint", expand(check.liveEndpoint, names(spec, ports))));
  return check;
}

Result<SpawnRequest> Launcher::request(const InstanceSpec& spec, const std::string& name, const Names& names,
                                       Program program, const Environment& more) const {
  if (spec.isolation.fault) return *spec.isolation.fault;
  TENON_TRY(const PlatformVariant* variant, spec.manifest.variant(spec.release.platform));
  SpawnRequest request;
  request.name = name;
  TENON_TRY(const std::string wanted, withContext("program", expand(program.program, names)));
  TENON_TRY(const Path found, find(wanted, spec.packageDir));
  request.argv.push_back(found.text());
  for (const std::string& arg : program.args) {
    TENON_TRY(std::string value, withContext("argument \"" + arg + "\"", expand(arg, names)));
    request.argv.push_back(std::move(value));
  }
  TENON_TRY(request.env, environment(spec, names, more));
  TENON_TRY(const std::string cwd, withContext("working folder", expand(spec.plan.cwd, names)));
  request.cwd = isAbsolute(cwd) ? Path(cwd) : cwd.empty() || cwd == "." ? spec.packageDir : spec.packageDir / cwd;
  request.output = spec.log;
  request.isolation = isolationOf(spec);
  const Resources& resources = variant->resources;
  if (resources.memoryMb) request.memoryBytes = *resources.memoryMb * limits::MiB;
  request.cpus = resources.cpus;
  request.processes = resources.pids;
  request.openFiles = resources.openFiles;
  return request;
}

Result<Environment> Launcher::environment(const InstanceSpec& spec, const Names& names, const Environment& more) const {
  EnvironmentBuilder env;
  env.set("PATH", searchPath_);
  env.set("LANG", "C.UTF-8");
  env.set("HOME", spec.dataDir.text());
  env.set("TMPDIR", (spec.dataDir / "tmp").text());
  Environment defaults;
  for (const auto& [key, variable] : spec.manifest.envSchema) {
    if (variable.otherwise) defaults.emplace_back(key, *variable.otherwise);
  }
  // A driver that was told of a search path has made its own of it.
  Environment owners = spec.policyEnv;
  std::erase_if(owners, [&plan = spec.plan.env](const auto& set) {
    const auto isIt = [&](const auto& planned) { return planned.first == set.first; };
    return set.first.ends_with("PATH") && std::any_of(plan.begin(), plan.end(), isIt);
  });
  for (const Environment* from :
       {&std::as_const(defaults), &spec.manifest.env, &spec.plan.env, &more, &std::as_const(owners)}) {
    TENON_CHECK(env.expandAll(*from, names));
  }
  for (const auto& [key, value] : names) env.set(key, value);
  for (const auto& [key, variable] : spec.manifest.envSchema) {
    if (!variable.required || env.has(key)) continue;
    return Error(ErrorCode::ResourceMissing, "environment variable " + key + " has to be set and has no value")
        .withHint("set it with: tenon set " + spec.manifest.service.text() + " " + key + "=VALUE")
        .withField("env_schema." + key);
  }
  return env.take();
}

// In the package first; a bare name then on the node's search path.
Result<Path> Launcher::find(const std::string& program, const Path& packageDir) const {
  if (program.empty()) return Error(ErrorCode::PlanInvalid, "the plan names no program");
  const Error missing(ErrorCode::SpawnFailed, "program " + program + " is missing");
  if (isAbsolute(program)) {
    if (isProgram(Path(program))) return Path(program);
    return Error(missing).withHint("the plan names it by its absolute path: install it on this node");
  }
  const std::string_view inside =
      program.starts_with("./") ? std::string_view(program).substr(2) : std::string_view(program);
  if (isProgram(packageDir / inside)) return packageDir / inside;
  if (program.find('/') != std::string::npos) return Error(missing).withHint("it was looked for in " + packageDir.text());
  if (auto found = findOnNode(program)) return *std::move(found);
  return Error(missing).withHint("it was looked for in " + packageDir.text() + " and on the node's PATH: " + searchPath_);
}

std::optional<Path> Launcher::findOnNode(const std::string& program) const {
  const bool drives = separatorOf(searchPath_) == ';';
  for (const std::string& folder : folders(searchPath_)) {
    if (isProgram(Path(folder) / program)) return Path(folder) / program;
    if (drives && isProgram(Path(folder) / (program + ".exe"))) return Path(folder) / (program + ".exe");
  }
  return std::nullopt;
}

// A link is taken on trust: where it leads is the OS's business.
bool Launcher::isProgram(const Path& path) const {
  const auto info = files_.inspect(path);
  return info && (info->kind == FileKind::File || info->kind == FileKind::Symlink);
}

}  // namespace tenon::host
