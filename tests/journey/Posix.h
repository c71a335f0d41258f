// What only journeys on Linux need: a shell, and services made out of Debian's packages.
#pragma once

#include <optional>
#include <string>

#include "tests/journey/Program.h"

namespace tenon::host {

// Runs a shell command to its end.
inline Outcome shell(const std::string& command) { return runProgram("/bin/sh", {"-c", command}); }

// A folder that fetch-debian has made, never to be written to; "" where it could not be had.
std::string fromDebian(const std::string& name);
// Puts a file or a whole folder there, without a copy of its bytes where the disk allows that.
void place(const std::string& from, const std::string& to);
// Debian's prometheus-node-exporter as a service in `folder`; nothing where its packages cannot be had.
std::optional<std::string> nodeExporter(const std::string& folder, const std::string& version);

}  // namespace tenon::host
