// What only journeys on Linux need: a shell, and services made out of Debian's packages.
#pragma once

#include <optional>
#include <string>

#include "tests/journey/Program.h"

namespace tenon::host {

// Runs a shell command to its end.
inline Outcome shell(const std::string& command) { return runProgram("/bin/sh", {"-c", command}); }

// Debian's prometheus-node-exporter as a service in `folder`; nothing where its packages cannot be had.
std::optional<std::string> nodeExporter(const std::string& folder, const std::string& version);

}  // namespace tenon::host
