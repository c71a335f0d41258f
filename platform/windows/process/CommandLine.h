// One line of text from which a program reads its arguments back: Windows hands over no list. Stateless; any thread.
#pragma once

#include <string>
#include <vector>

#include "platform/windows/Fault.h"

namespace tenon::platform {

// Quoted so that CommandLineToArgvW and Microsoft's C runtime give the same list again (learn.microsoft.com, "Parsing C
// command-line arguments"). The first is the program and cannot hold a quote.
// Error: invalid, with the field, for text that is no UTF-8; limit-exceeded past 32766 characters, the most Windows takes.
Outcome makeCommandLine(const std::wstring& program, const std::vector<std::string>& argv, std::wstring& line);

// Programs that the command interpreter runs: it reads the line by rules of its own, by which an argument can become a
// command (CVE-2024-24576), so they are not started.
bool isBatchFile(const std::wstring& program);

}  // namespace tenon::platform
