// What Windows tells of single processes. A number is believed with its start time alone: numbers come back quickly.
// Stateless; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "platform/windows/Handle.h"

namespace tenon::platform {

// None where it is gone, or not ours to open.
Handle openProcess(DWORD pid, DWORD access);

// Start in units of 100 ns since 1601, UTC; 0 where Windows does not tell.
std::uint64_t startTimeOf(HANDLE process);
// User and kernel together, in microseconds.
std::uint64_t cpuMicrosOf(HANDLE process);
bool hasEnded(HANDLE process);

// The program behind a hidden console, which Windows starts for the child and counts in the child's job; it is no part of
// what the child does.
bool isConsoleHost(HANDLE process);

// What a variable of its environment was at its start; nothing where it has none, or where it may not be read.
std::optional<std::wstring> environmentOf(DWORD pid, const std::wstring& name);

// Differs between boots of one machine.
std::string bootId();

}  // namespace tenon::platform
