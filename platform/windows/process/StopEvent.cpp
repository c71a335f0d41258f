#include "platform/windows/process/StopEvent.h"

#include <mutex>

#include "platform/windows/Wide.h"

namespace tenon::platform {

namespace {

// Attaching puts the console's streams in the place of ours.
class KeptStreams {
 public:
  KeptStreams() = default;
  ~KeptStreams() {
    ::SetStdHandle(STD_INPUT_HANDLE, input_);
    ::SetStdHandle(STD_OUTPUT_HANDLE, output_);
    ::SetStdHandle(STD_ERROR_HANDLE, error_);
  }
  KeptStreams(const KeptStreams&) = delete;
  KeptStreams& operator=(const KeptStreams&) = delete;

 private:
  HANDLE input_ = ::GetStdHandle(STD_INPUT_HANDLE);
  HANDLE output_ = ::GetStdHandle(STD_OUTPUT_HANDLE);
  HANDLE error_ = ::GetStdHandle(STD_ERROR_HANDLE);
};

bool hasConsole() {
  DWORD one = 0;
  return ::GetConsoleProcessList(&one, 1) != 0;
}

}  // namespace

std::wstring stopEventName(const std::string& group) { return L"Local\\tenon-stop-" + toWide(group).value_or(L""); }

Outcome makeStopEvent(const std::string& group, Handle& event) {
  event = Handle(::CreateEventW(nullptr, TRUE, FALSE, stopEventName(group).c_str()));
  const DWORD error = ::GetLastError();
  if (!event || error == ERROR_ALREADY_EXISTS) return osFault("make stop event of " + group, error);
  return kDone;
}

Handle openStopEvent(const std::string& group) {
  return Handle(::OpenEventW(EVENT_MODIFY_STATE | SYNCHRONIZE, FALSE, stopEventName(group).c_str()));
}

bool sendBreak(DWORD pid) {
  static std::mutex console;  // a process has one
  const std::lock_guard lock(console);
  if (hasConsole()) return false;
  const KeptStreams kept;
  if (!::AttachConsole(pid)) return false;
  const bool sent = ::GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, pid) != 0;
  ::FreeConsole();
  return sent;
}

}  // namespace tenon::platform
