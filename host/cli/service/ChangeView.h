// Follows one change until it ends: a live line a step on a terminal, plain lines when piped, one JSON object a line with
// jsonl.
#pragma once

#include "host/cli/AgentConnection.h"
#include "host/cli/Cli.h"
#include "host/contract/Change.h"

namespace tenon::host {

class ChangeView {
 public:
  ChangeView(Cli& cli, AgentConnection& agent) : cli_(cli), agent_(agent) {}

  // The exit status of the change. timeout where --timeout passed first (the change goes on).
  Result<int> follow(std::uint64_t number);

 private:
  void show(const Change& change);
  void showEnd(const Change& change);
  std::string line(const ChangeStep& step) const;
  void erase();

  Cli& cli_;
  AgentConnection& agent_;
  std::size_t shown_ = 0;  // steps whose last line is printed
  std::string live_;       // what stands on the live line
  std::string lastJson_;
};

// After an agent has answered 202 with a change: follows it, or says its number where nobody wants to wait.
Result<int> followIfAsked(Cli& cli, AgentConnection& agent, const Json& accepted);

}  // namespace tenon::host
