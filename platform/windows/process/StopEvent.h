// How a process is asked to end, since Windows has no signals: a named event that its environment names. Any thread.
#pragma once

#include <string>

#include "platform/windows/Fault.h"
#include "platform/windows/Handle.h"

namespace tenon::platform {

inline constexpr const wchar_t* kStopEventVariable = L"TENON_STOP_EVENT";
inline constexpr const char* kStopEventVariableUtf8 = "TENON_STOP_EVENT";

// "Local\tenon-stop-<group>": in this logon session's own space of names.
std::wstring stopEventName(const std::string& group);

// Stays set once it is set. Its name lives as long as a handle, so the main process gets one, as of its job.
Outcome makeStopEvent(const std::string& group, Handle& event);
// None where nobody holds it any more.
Handle openStopEvent(const std::string& group);

// CTRL_BREAK to the process group that `pid` leads, in the hidden console that it was started with. To send it one must be
// attached to that console, and a process has only one: so this is done where this process has none of its own, as a Windows
// service has none. False: it was not sent.
bool sendBreak(DWORD pid);

}  // namespace tenon::platform
