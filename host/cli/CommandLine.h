// `tenon`: from arguments to an exit status (docs/cli.md). Errors go to standard error, as text or as JSON with -o json.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "host/cli/Cli.h"

namespace tenon::host {

// `arguments` without the program's name.
int runCommandLine(Cli& cli, std::vector<std::string> arguments);

// What was probably meant: the candidate at the least edit distance, "" where none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

// "error <code>: <message>" and its hint, or the JSON form.
void printError(Cli& cli, const Error& error);

}  // namespace tenon::host
