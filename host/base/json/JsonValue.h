// Internal to host/base: what a Json looks at. Made by JsonReader, never changed after.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "host/base/Json.h"

namespace tenon::host {

struct JsonMember;

struct JsonValue {
  // A number that is no std::int64_t keeps its literal, so that nothing is lost when it is handed on.
  struct Real {
    std::string literal;
  };
  using Array = std::vector<JsonValue>;
  using Object = std::vector<JsonMember>;
  using Data = std::variant<std::monostate, bool, std::int64_t, Real, std::string, Array, Object>;

  Json::Kind kind() const { return static_cast<Json::Kind>(data.index()); }

  TextPlace place;
  Data data;
};

struct JsonMember {
  std::string key;
  JsonValue value;
};

static_assert(std::variant_size_v<JsonValue::Data> == static_cast<std::size_t>(Json::Kind::Object) + 1,
              "the alternatives stand in the order of Json::Kind");

}  // namespace tenon::host
