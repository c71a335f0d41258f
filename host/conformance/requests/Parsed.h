// A document as a value that can be changed and compared. What can't be read is null.
#pragma once

#include <string_view>
#include <utility>

#include "tenon/json.hpp"

namespace tenon::host {

inline json::Value parsed(std::string_view text) {
  json::Parsed value = json::parse(text);
  return value ? *std::move(value.value) : json::Value();
}

}  // namespace tenon::host
