// `tenon logs`: what a version of a service wrote, from any of its rotated parts.
#pragma once

#include "host/cli/Cli.h"

namespace tenon::host {

void addLogCommand(CLI::App& app, Cli& cli);

}  // namespace tenon::host
