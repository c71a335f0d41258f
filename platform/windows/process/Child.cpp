#include "platform/windows/process/Child.h"

#include <winternl.h>

#include <array>
#include <cstddef>
#include <vector>

#include "platform/windows/process/CommandLine.h"
#include "platform/windows/process/JobLimits.h"

namespace tenon::platform {

namespace {

constexpr DWORD kElevationRequired = 740;            // ERROR_ELEVATION_REQUIRED
constexpr std::size_t kOldPathUnits = MAX_PATH - 2;  // what SetCurrentDirectory takes, less the backslash that it adds

Fault spawnFault(Fault fault) {
  if (fault.name != "disk-full") fault.name = "spawn-failed";
  return fault;
}
Fault spawnFault(const std::string& doing, DWORD error) { return spawnFault(osFault(doing, error)); }

// Never through a link: the folder belongs to the service, which may have put one there to write elsewhere.
Outcome openOutput(const std::optional<NativePath>& wanted, Handle& output) {
  if (!wanted) {
    output =
        Handle(::CreateFileW(L"NUL", GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr, OPEN_EXISTING, 0, nullptr));
    return output ? kDone : Outcome(spawnFault("open NUL", ::GetLastError()));
  }
  const NativePath& path = *wanted;
  const std::string doing = "open output " + path.text;
  if (const DWORD error = openAt(path, {FILE_APPEND_DATA, FILE_OPEN_IF, FILE_NON_DIRECTORY_FILE}, output)) {
    return spawnFault(doing, error);
  }
  DWORD attributes = 0;
  if (const DWORD error = attributesOf(output.get(), attributes)) return spawnFault(doing, error);
  if (isLink(output.get(), attributes)) return Fault{TENON_DENIED, doing + ": it is a link", "spawn-failed"};
  return kDone;
}

Outcome checkFolder(const SpawnRequest& request, std::wstring& cwd) {
  const std::string doing = "start " + request.program.text + ": change to folder " + request.cwd.text;
  const DWORD found = ::GetFileAttributesW(request.cwd.wide.c_str());
  if (found == INVALID_FILE_ATTRIBUTES) return spawnFault(doing, ::GetLastError());
  if ((found & FILE_ATTRIBUTE_DIRECTORY) == 0) return spawnFault(doing, ERROR_DIRECTORY);
  cwd = withoutPrefix(request.cwd.wide);
  if (cwd.size() < kOldPathUnits) return kDone;
  return Fault{TENON_UNSUPPORTED, doing + ": longer than 257 characters, and Windows starts no program there",
               "spawn-failed", "use a shorter root folder"};
}

Outcome checkProgram(const SpawnRequest& request, std::wstring& program) {
  program = withoutPrefix(request.program.wide);
  if (isBatchFile(program)) {
    return Fault{
        TENON_UNSUPPORTED, "start " + request.program.text + ": batch files are not started", "spawn-failed",
        "the command interpreter could take an argument for a command: name the program that the batch file starts"};
  }
  if (program.size() >= MAX_PATH) program = request.program.wide;
  return kDone;
}

// The list of handles that a child inherits; without one it would get every handle of this process that happens to be
// inheritable at that moment.
class InheritedHandles {
 public:
  DWORD open(std::vector<HANDLE> handles) {
    handles_ = std::move(handles);
    for (const HANDLE handle : handles_) {
      if (!::SetHandleInformation(handle, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT)) return ::GetLastError();
    }
    SIZE_T bytes = 0;
    ::InitializeProcThreadAttributeList(nullptr, 1, 0, &bytes);
    buffer_.resize(bytes);
    auto* list = reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(buffer_.data());
    if (!::InitializeProcThreadAttributeList(list, 1, 0, &bytes)) return ::GetLastError();
    list_ = list;
    constexpr DWORD_PTR kWhich = PROC_THREAD_ATTRIBUTE_HANDLE_LIST;
    const SIZE_T size = handles_.size() * sizeof(HANDLE);
    const BOOL set = ::UpdateProcThreadAttribute(list, 0, kWhich, handles_.data(), size, nullptr, nullptr);
    return set ? ERROR_SUCCESS : ::GetLastError();
  }
  InheritedHandles() = default;
  InheritedHandles(const InheritedHandles&) = delete;
  InheritedHandles& operator=(const InheritedHandles&) = delete;
  ~InheritedHandles() {
    if (list_) ::DeleteProcThreadAttributeList(list_);
  }
  LPPROC_THREAD_ATTRIBUTE_LIST get() const { return list_; }

 private:
  std::vector<HANDLE> handles_;
  std::vector<std::byte> buffer_;
  LPPROC_THREAD_ATTRIBUTE_LIST list_ = nullptr;
};

Fault explainCreation(const SpawnRequest& request, DWORD error) {
  Fault fault = spawnFault("start " + request.program.text, error);
  fault.hint.clear();
  const bool missing = error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND;
  const bool withExe = ::GetFileAttributesW((request.program.wide + L".exe").c_str()) != INVALID_FILE_ATTRIBUTES;
  if (missing && withExe) {
    fault.hint = "there is " + request.program.text + ".exe: name it so";
  } else if (error == ERROR_BAD_EXE_FORMAT || error == ERROR_EXE_MACHINE_TYPE_MISMATCH) {
    fault.hint = "it is no program for this machine: another processor or operating system, or a script";
  } else if (error == kElevationRequired) {
    fault.hint = "it asks for administrator's rights, which the agent has only as a Windows service";
  } else if (error == ERROR_ACCESS_DENIED) {
    fault.hint = "its access list, or a policy of this machine (AppLocker, a virus scanner), forbids it";
  }
  return fault;
}

struct Launch {
  std::wstring program, line, environment, cwd;
  STARTUPINFOEXW startup = {};
  DWORD flags = 0;
};

Outcome prepareLaunch(const SpawnRequest& request, Launch& launch) {
  if (auto fault = checkProgram(request, launch.program)) return fault;
  if (auto fault = checkFolder(request, launch.cwd)) return fault;
  if (auto fault = makeCommandLine(launch.program, request.argv, launch.line)) return fault;
  return makeEnvironment(request.env, launch.environment);
}

// A handle for the child, so that the object keeps its name while the child lives.
DWORD give(HANDLE process, HANDLE object, DWORD access) {
  HANDLE theirs = nullptr;
  const BOOL given = ::DuplicateHandle(::GetCurrentProcess(), object, process, &theirs, access, FALSE, 0);
  return given ? ERROR_SUCCESS : ::GetLastError();
}

DWORD contain(HANDLE process, const ChildSetting& setting) {
  if (!::AssignProcessToJobObject(setting.job, process)) return ::GetLastError();
  if (setting.channel) return endWithLastHandle(setting.job);
  if (const DWORD error = give(process, setting.job, JOB_OBJECT_QUERY)) return error;
  return give(process, setting.stopEvent, SYNCHRONIZE);
}

}  // namespace

Outcome startChild(const SpawnRequest& request, const ChildSetting& setting, ChildStart& start) {
  Launch launch;
  if (auto fault = prepareLaunch(request, launch)) return fault;
  Handle output;
  if (auto fault = openOutput(request.output, output)) return fault;
  constexpr DWORD kShare = FILE_SHARE_READ | FILE_SHARE_WRITE;
  const Handle nothing(::CreateFileW(L"NUL", GENERIC_READ, kShare, nullptr, OPEN_EXISTING, 0, nullptr));
  if (!nothing) return spawnFault("open NUL", ::GetLastError());
  InheritedHandles inherited;
  std::vector<HANDLE> handles = {nothing.get(), output.get()};
  if (setting.channel) handles.push_back(setting.channel);
  if (const DWORD error = inherited.open(std::move(handles))) return spawnFault("name handles to inherit", error);

  launch.startup.StartupInfo.cb = sizeof launch.startup;
  launch.startup.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
  launch.startup.StartupInfo.hStdInput = nothing.get();
  launch.startup.StartupInfo.hStdOutput = launch.startup.StartupInfo.hStdError = output.get();
  launch.startup.lpAttributeList = inherited.get();
  // A console of its own that nobody sees: closing the agent's window must not end services. A helper needs none.
  const DWORD console = setting.channel ? DETACHED_PROCESS : CREATE_NO_WINDOW;
  launch.flags = CREATE_SUSPENDED | CREATE_UNICODE_ENVIRONMENT | EXTENDED_STARTUPINFO_PRESENT | console |
                 CREATE_NEW_PROCESS_GROUP | (setting.leaveOurJob ? static_cast<DWORD>(CREATE_BREAKAWAY_FROM_JOB) : 0);
  PROCESS_INFORMATION made = {};
  if (!::CreateProcessW(launch.program.c_str(), launch.line.data(), nullptr, nullptr, TRUE, launch.flags,
                        launch.environment.data(), launch.cwd.c_str(), &launch.startup.StartupInfo, &made)) {
    return explainCreation(request, ::GetLastError());
  }
  Handle process(made.hProcess);
  const Handle thread(made.hThread);
  DWORD error = contain(process.get(), setting);
  if (!error && ::ResumeThread(thread.get()) == static_cast<DWORD>(-1)) error = ::GetLastError();
  if (error) {
    ::TerminateProcess(process.get(), 1);
    return spawnFault("start " + request.program.text + ": enter its job", error);
  }
  start.pid = made.dwProcessId;
  start.process = std::move(process);
  return kDone;
}

}  // namespace tenon::platform
