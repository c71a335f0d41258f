// What may keep a node from working well. Internal to cli.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/base/Json.h"

namespace tenon::host {

class Cli;

struct NodeCheck {
  enum class Verdict { Ok, Warning, Failed };
  std::string name;
  Verdict verdict;
  std::string why, hint;  // hint: "" where there is nothing to do
};

constexpr std::string_view name(NodeCheck::Verdict verdict) {
  constexpr std::string_view kNames[] = {"ok", "warning", "failed"};
  return kNames[static_cast<std::size_t>(verdict)];
}

// Asks the agent where one runs, the hub that it goes by, and this machine; changes nothing. What needs an agent is left out
// without one. In the order in which one thing depends on another.
std::vector<NodeCheck> examineNode(Cli& cli);
JsonArray toJson(const std::vector<NodeCheck>& checks);

}  // namespace tenon::host
