#include "host/adapter/LoadedProcesses.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "host/adapter/PluginCall.h"
#include "host/base/Json.h"

namespace tenon::host {

namespace {

constexpr std::uint32_t kEndsATurn = 64;

// The point is a point, whatever the locale.
Result<Json> numberOf(double number) {
  char text[32];
  const char* end = std::to_chars(std::begin(text), std::end(text), number).ptr;
  return Json::parse(std::string_view(text, static_cast<std::size_t>(end - text)));
}

Result<JsonObject> limitsOf(const SpawnRequest& request) {
  JsonObject limits;
  if (request.memoryBytes) limits.set("memory_bytes", *request.memoryBytes);
  if (request.cpus) {
    TENON_TRY(const Json cpus, numberOf(*request.cpus));
    limits.set("cpus", cpus);
  }
  if (request.processes) limits.set("processes", *request.processes);
  if (request.openFiles) limits.set("open_files", *request.openFiles);
  return limits;
}

JsonArray textsOf(const std::vector<Path>& paths) {
  JsonArray texts;
  for (const auto& path : paths) texts.add(path.text());
  return texts;
}

std::string_view nameOf(FileAccess::Rest rest) {
  switch (rest) {
    case FileAccess::Rest::Open:
      return "open";
    case FileAccess::Rest::System:
      return "system";
    case FileAccess::Rest::ReadOnly:
      return "read-only";
  }
  return "read-only";
}

JsonObject isolationOf(const ProcessIsolation& isolation) {
  JsonObject object;
  if (isolation.user) object.set("user", std::int64_t{*isolation.user});
  if (!isolation.owned.empty()) object.set("owned", textsOf(isolation.owned));
  if (isolation.files) {
    const FileAccess& files = *isolation.files;
    JsonObject access;
    access.set("rest", nameOf(files.rest)).set("read", textsOf(files.read));
    access.set("write", textsOf(files.write));
    if (!files.hidden.empty()) access.set("hidden", files.hidden.text());
    object.set("files", access);
  }
  if (!isolation.network) object.set("network", false);
  if (!isolation.privileges) object.set("privileges", false);
  if (isolation.required) object.set("required", true);
  return object;
}

Result<void> readIsolation(const Json& identity, SpawnedProcess& spawned) {
  const auto isolation = identity.find("isolation");
  if (!isolation) return {};
  if (const auto user = isolation->find("user")) {
    TENON_TRY(const std::int64_t number, user->integer(1, std::numeric_limits<std::uint32_t>::max()));
    spawned.user = static_cast<std::uint32_t>(number);
  }
  TENON_TRY(spawned.filesKept, isolation->booleanOr("files", false));
  TENON_TRY(spawned.lacks, isolation->stringsOr("lacks", {}));
  return {};
}

// tenon.spawn/1
Result<std::string> textOf(const SpawnRequest& request) {
  JsonArray env;
  for (const auto& [key, value] : request.env) env.add(JsonArray().add(key).add(value));
  JsonObject document;
  document.set("schema", "tenon.spawn/1").set("name", request.name).set("argv", request.argv).set("env", env);
  document.set("cwd", request.cwd.text());
  if (!request.output.empty()) document.set("output", request.output.text());
  TENON_TRY(const JsonObject limits, limitsOf(request));
  if (!limits.empty()) document.set("limits", limits);
  const JsonObject isolation = isolationOf(request.isolation);
  if (!isolation.empty()) document.set("isolation", isolation);
  JsonArray needed;
  if (request.isolation.required) needed.add("isolation");
  if (request.into) {
    document.set("into", *request.into);
    needed.add("into");
  }
  if (!needed.empty()) document.set("must_understand", needed);
  return document.text();
}

ProcessEnd endOf(const tenon_ended& ended) {
  ProcessEnd end;
  end.process = ended.process;
  end.how = ended.how == TENON_ENDED_EXIT     ? ProcessEnd::How::Exited
            : ended.how == TENON_ENDED_SIGNAL ? ProcessEnd::How::Signalled
                                              : ProcessEnd::How::Unknown;
  end.code = ended.code;
  end.outOfMemory = ended.out_of_memory != 0;
  return end;
}

Error lacks(const std::string& plugin, const std::string& what) {
  return Error(ErrorCode::PlatformUnsupported, plugin + ": it cannot " + what)
      .withHint("it was built for an older ABI: ask its vendor for a newer build");
}

}  // namespace

Result<std::string> documentOf(const SpawnRequest& request) {
  TENON_TRY(std::string document, textOf(request));
  if (document.size() <= limits::kPluginDocumentBytes) return document;
  return Error(ErrorCode::LimitExceeded, request.name + ": its arguments and environment are larger than " +
                                             std::to_string(limits::kPluginDocumentBytes) + " bytes");
}

Result<SpawnedProcess> spawnedOf(std::string text) {
  SpawnedProcess spawned;
  TENON_TRY(const Json identity, Json::parse(text));
  spawned.identity = std::move(text);
  TENON_TRY(const Json pid, identity.member("pid"));
  TENON_TRY(spawned.pid, pid.integer(1, std::numeric_limits<std::int64_t>::max()));
  TENON_CHECK(readIsolation(identity, spawned));
  return spawned;
}

Result<SpawnedProcess> LoadedProcesses::spawn(const SpawnRequest& request) {
  TENON_TRY(const std::string document, documentOf(request));
  PluginCall call(plugin_);
  ProcessId process = 0;
  TENON_TRY(std::string identity, call.document(table_.spawn(self_, toPlugin(document), &process, call.sink())));
  TENON_TRY(auto spawned, spawnedOf(std::move(identity)));
  spawned.process = process;
  return spawned;
}

Result<ProcessId> LoadedProcesses::adopt(std::string_view identity) {
  PluginCall call(plugin_);
  ProcessId process = 0;
  TENON_CHECK(call.done(table_.adopt(self_, toPlugin(identity), &process, call.sink())));
  return process;
}

Result<void> LoadedProcesses::signal(ProcessId process, std::string_view name) {
  PluginCall call(plugin_);
  return call.done(table_.signal(self_, process, toPlugin(name), call.sink()));
}

Result<void> LoadedProcesses::killTree(ProcessId process) {
  PluginCall call(plugin_);
  return call.done(table_.kill_tree(self_, process, call.sink()));
}

Result<void> LoadedProcesses::killUnknown(std::string_view beginning) {
  if (!table_.kill_unknown) return lacks(plugin_, "find processes by the names of their containments");
  PluginCall call(plugin_);
  return call.done(table_.kill_unknown(self_, toPlugin(beginning), call.sink()));
}

Result<void> LoadedProcesses::freeze(ProcessId process, bool on) {
  if (!table_.freeze) return lacks(plugin_, "freeze processes");
  PluginCall call(plugin_);
  return call.done(table_.freeze(self_, process, on ? 1 : 0, call.sink()));
}

void LoadedProcesses::release(ProcessId process) { table_.release(self_, process); }

Result<ProcessStats> LoadedProcesses::stats(ProcessId process) {
  PluginCall call(plugin_);
  tenon_stats stats = {};
  stats.struct_size = sizeof stats;
  TENON_CHECK(call.done(table_.stats(self_, process, &stats, call.sink())));
  return ProcessStats{stats.cpu_us,    stats.resident_bytes, stats.peak_bytes,
                      stats.processes, stats.read_bytes,     stats.written_bytes};
}

Result<std::optional<bool>> LoadedProcesses::ownsListener(ProcessId process, std::uint16_t port) {
  PluginCall call(plugin_);
  std::int32_t owns = -1;
  TENON_CHECK(call.done(table_.owns_listener(self_, process, port, &owns, call.sink())));
  return owns < 0 ? std::nullopt : std::optional<bool>(owns == 1);
}

Result<std::vector<ProcessEnd>> LoadedProcesses::wait(Millis most) {
  std::array<tenon_ended, kEndsATurn> ended = {};
  std::uint32_t count = 0;
  const std::int64_t timeout = most.count() < 0 ? -1 : std::int64_t{most.count()};
  if (table_.wait(self_, timeout, ended.data(), kEndsATurn, &count) != TENON_OK) {
    return Error(ErrorCode::IoError, plugin_ + ": cannot wait for processes")
        .withHint("the limit on open files may be reached: raise LimitNOFILE= of the agent");
  }
  std::vector<ProcessEnd> ends;
  for (std::uint32_t at = 0; at < std::min(count, kEndsATurn); ++at) ends.push_back(endOf(ended[at]));
  return ends;
}

void LoadedProcesses::wake() { table_.wake(self_); }

}  // namespace tenon::host
