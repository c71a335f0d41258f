#include "tests/platform/windows/WindowsAdapters.h"

#include <mutex>
#include <utility>

#include "platform/windows/Fault.h"
#include "platform/windows/Handle.h"
#include "platform/windows/Wide.h"
#include "platform/windows/process/CommandLine.h"
#include "tenon/plugin.h"

extern "C" const tenon_entry tenon_plugin_v1_windows;

namespace tenon::host {

namespace {

std::mutex warningsMutex;
std::vector<std::string> warnings;

void keepWarning(void*, std::int32_t level, tenon_str text) {
  const std::lock_guard lock(warningsMutex);
  if (level >= 2) warnings.emplace_back(text.ptr, text.len);
}
constexpr tenon_host kHost{sizeof(tenon_host), TENON_ABI_MAJOR, TENON_ABI_MINOR, nullptr, &keepWarning};

Result<std::unique_ptr<PlatformAdapter>> openLinkedIn() { return openPlatformAdapter(tenon_plugin_v1_windows, kHost); }

// Never unloaded, as in the host.
Result<std::unique_ptr<PlatformAdapter>> openLibrary() {
  const HMODULE library = ::LoadLibraryW(platform::toWide(TENON_WINDOWS_LIBRARY)->c_str());
  if (!library) return Error(ErrorCode::NotFound, platform::textOfError(::GetLastError()));
  const auto symbol = reinterpret_cast<void*>(::GetProcAddress(library, "tenon_plugin_v1"));
  if (!symbol) return Error(ErrorCode::NotFound, platform::textOfError(::GetLastError()));
  return openPlatformAdapter(*static_cast<const tenon_entry*>(symbol), kHost);
}

SystemTraits windows() {
  SystemTraits system;
  system.links = system.modes = system.scripts = false;
  system.limitsOpenFiles = system.limitKills = system.cutsFronts = false;
  system.limitsProcesses = TENON_ON_WINDOWS_ITSELF;  // Wine takes the limits of a job and holds none
  system.tellsListeners = TENON_ON_WINDOWS_ITSELF;   // Wine tells no owners
  system.shutsNetwork = false;
  system.endsOfPipesAreSeen = TENON_ON_WINDOWS_ITSELF;  // Wine's host of the console inherits what the program does
  system.aborted = "exit status 3";
  system.ownEntries = 2;  // SystemRoot and TENON_STOP_EVENT
  system.nothingThere = platform::textOfError(ERROR_FILE_NOT_FOUND);
  return system;
}

}  // namespace

std::vector<std::string> takeWarnings() {
  const std::lock_guard lock(warningsMutex);
  return std::exchange(warnings, {});
}

const AdapterUnderTest& linkedInAdapter() {
  static const AdapterUnderTest adapter{"LinkedIn", &openLinkedIn, windows()};
  return adapter;
}

const AdapterUnderTest& libraryAdapter() {
  static const AdapterUnderTest adapter{"Library", &openLibrary, windows(), TENON_TEST_WINDOWED_CHILD};
  return adapter;
}

std::string runProgram(const std::vector<std::string>& argv) {
  using platform::Handle;
  std::wstring line;
  const auto program = *platform::toWide(argv.at(0));
  if (const auto fault = platform::makeCommandLine(program, argv, line)) throw std::runtime_error(fault->message);
  HANDLE ends[2] = {};
  SECURITY_ATTRIBUTES inherited = {sizeof inherited, nullptr, TRUE};
  if (!::CreatePipe(&ends[0], &ends[1], &inherited, 0)) throw std::runtime_error("no pipe");
  const Handle ours(ends[0]);
  Handle theirs(ends[1]);
  ::SetHandleInformation(ours.get(), HANDLE_FLAG_INHERIT, 0);
  STARTUPINFOW startup = {};
  startup.cb = sizeof startup;
  startup.dwFlags = STARTF_USESTDHANDLES;
  startup.hStdOutput = startup.hStdError = theirs.get();
  PROCESS_INFORMATION made = {};
  if (!::CreateProcessW(program.c_str(), line.data(), nullptr, nullptr, TRUE, 0, nullptr, nullptr, &startup, &made)) {
    throw std::runtime_error("cannot run " + argv.at(0) + ": " + platform::textOfError(::GetLastError()));
  }
  const Handle process(made.hProcess), thread(made.hThread);
  theirs.reset();
  std::string text;
  char part[4096];
  for (DWORD got = 0; ::ReadFile(ours.get(), part, sizeof part, &got, nullptr) && got > 0;) text.append(part, got);
  ::WaitForSingleObject(process.get(), INFINITE);
  return text;
}

}  // namespace tenon::host
