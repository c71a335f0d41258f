// An author's verbs around one folder, a file each. Internal to cli.
#pragma once

#include "host/cli/Cli.h"

namespace tenon::host {

void addInitVerb(CLI::App& app, Cli& cli);
void addValidateVerb(CLI::App& app, Cli& cli);

}  // namespace tenon::host
