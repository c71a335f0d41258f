// The verbs of trust, in two files: what an operator does with offline keys, and what is asked of a node or a hub. Internal
// to cli.
#pragma once

#include "host/cli/Cli.h"
#include "host/pack/RootCeremony.h"

namespace tenon::host {

void addCeremonyVerbs(CLI::App& trust, Cli& cli);  // create, rotate, sign
void addNodeTrustVerbs(CLI::App& app, CLI::App& trust, Cli& cli);

// Of the public key in that file; the text itself where there is no such file.
Result<std::string> keyIdNamed(Cli& cli, const std::string& text);

// A root, whose signatures it has and whose it lacks, and what comes next.
void printRoot(Cli& cli, const SignatureState& state);

}  // namespace tenon::host
