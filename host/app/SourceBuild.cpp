#include "host/app/SourceBuild.h"

#include <Poco/Environment.h>

#include <algorithm>
#include <ostream>

#include "host/app/RunFolder.h"
#include "host/base/Limits.h"
#include "host/contract/service/ServiceManifest.h"
#include "host/runtime/supervision/Why.h"
#include "tenon/detail/search.hpp"

namespace tenon::host {

namespace {

// Whatever is wrong with service.json is told when it is planned.
bool isRust(Files& files, const Path& folder) {
  if (!files.exists(folder / "Cargo.toml")) return false;
  const auto text = files.readAll(folder / "service.json", limits::kServiceJsonBytes);
  if (!text) return false;
  const auto manifest = ServiceManifest::parse(*text);
  return manifest && std::any_of(manifest->platforms.begin(), manifest->platforms.end(),
                                 [](const auto& platform) { return platform.second.execType == "rust"; });
}

// The author's, as far as cargo, rustup and a linker look at it.
Environment buildEnvironment() {
  Environment environment;
  for (const std::string name :
       {"PATH",         "HOME", "USER",       "LANG",        "TMPDIR",   "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN",
        "RUSTFLAGS",    "CC",   "http_proxy", "https_proxy", "no_proxy", "SystemRoot", "USERPROFILE", "APPDATA",
        "LOCALAPPDATA", "TEMP", "TMP",        "PATHEXT",     "LIB"}) {
    if (Poco::Environment::has(name)) environment.emplace_back(name, Poco::Environment::get(name));
  }
  return environment;
}

// Its own end; what else ends meanwhile is nobody's.
Result<ProcessEnd> waitFor(Processes& processes, ProcessId process, const std::function<void()>& meanwhile) {
  constexpr Millis kPump{100};
  for (;;) {
    TENON_TRY(const auto ends, processes.wait(kPump));
    meanwhile();
    const auto own = std::find_if(ends.begin(), ends.end(), [&](const auto& end) { return end.process == process; });
    if (own != ends.end()) return *own;
  }
}

}  // namespace

Result<void> buildSources(PlatformAdapter& adapter, const Path& folder, std::ostream& err) {
  Files& files = adapter.files();
  if (!isRust(files, folder)) return {};
  const auto cargo = detail::which("cargo", Poco::Environment::get("PATH", ""));
  if (!cargo) {
    err << "no cargo on the PATH: what was built before is run" << std::endl;
    return {};
  }
  SpawnRequest request;
  request.name = runFolderOf(folder).name() + ".cargo";
  request.argv = {*cargo, "build", "--release", "--target-dir", (folder / "target").text()};
  request.env = buildEnvironment();
  request.cwd = folder;
  request.output = Path(runFolderOf(folder).text() + ".cargo.log");
  err << "cargo build --release" << std::endl;
  static_cast<void>(files.removeFile(request.output));
  Follower follower(files, request.output);
  TENON_TRY(const auto spawned, withContext("cargo", adapter.processes().spawn(request)));
  const auto end = waitFor(adapter.processes(), spawned.process, [&] {
    follower.pump([&](std::string_view text) { err << text; });
    err.flush();
  });
  static_cast<void>(adapter.processes().killTree(spawned.process));
  adapter.processes().release(spawned.process);
  static_cast<void>(files.removeFile(request.output));
  if (!end) return end.error();
  if (end->how == ProcessEnd::How::Exited && end->code == 0) return {};
  return Error(ErrorCode::SpawnFailed, "cargo did not build " + folder.text() + ": " +
                                           describeEnd(*end, {.meanings = {}, .memoryMb = {}, .life = {}}))
      .withHint("what it says stands above");
}

}  // namespace tenon::host
