// Keeps what was written. One thread.
#pragma once

#include <string>
#include <vector>

#include "host/base/Log.h"

namespace tenon::host {

class CollectedLog final : public Log {
 public:
  void write(LogLevel level, std::string_view text) override {
    lines.push_back(std::to_string(static_cast<int>(level)) + " " + std::string(text));
  }
  std::vector<std::string> lines;
};

}  // namespace tenon::host
