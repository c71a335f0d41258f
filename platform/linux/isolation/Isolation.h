// What of a spawn's isolation this machine can give, and the giving. Any thread.
#pragma once

#include <string>
#include <vector>

#include "platform/linux/Descriptor.h"
#include "platform/linux/Fault.h"
#include "platform/linux/process/SpawnRequest.h"

namespace tenon::platform {

// Why something cannot be had by any process here; empty where it can.
struct IsolationFacts {
  std::string user, files;
};
IsolationFacts isolationFacts();

struct Isolated {
  std::optional<std::uint32_t> user;  // to become
  Descriptor ruleset;                 // to enter, where it is one
  bool networkShut = false;
  std::vector<std::string> lacks;  // what was asked for and cannot be had, one sentence each
};

// Before the child is born: hands folders over, opens `output` to its user, makes the ruleset. Errors: "resource-missing"
// where something lacks that is required; those of handOver() and makeRuleset().
Outcome isolate(const SpawnRequest& request, int output, Isolated& isolated);

}  // namespace tenon::platform
