// Reading this room's values out of JSON, with the path and line of whatever is wrong. Internal to contract.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "host/base/Json.h"
#include "host/base/Result.h"

namespace tenon::host {

constexpr std::int64_t kMaxInteger = std::numeric_limits<std::int64_t>::max();

// Json says format-invalid of whatever it cannot read; some documents have a code of their own for that (state-corrupt,
// plan-invalid). The same problem under `code`; any other passes.
template <class T>
Result<T> formatFaultAs(ErrorCode code, Result<T> result) {
  if (result || result.error().code() != ErrorCode::FormatInvalid) return result;
  const Error& found = result.error();
  return Error(code, found.message()).withHint(found.hint()).withField(found.field());
}

// A string that T::parse accepts.
template <class T>
Result<T> valueAs(const Json& value) {
  TENON_TRY(const auto text, value.string());
  auto parsed = T::parse(text);
  if (parsed) return parsed;
  return value.wrong(parsed.error().message()).withHint(parsed.error().hint());
}

template <class T>
Result<T> memberAs(const Json& object, std::string_view key) {
  TENON_TRY(const auto value, object.member(key));
  return valueAs<T>(value);
}

inline Result<std::string> stringMember(const Json& object, std::string_view key) {
  TENON_TRY(const auto value, object.member(key));
  return value.string();
}

inline Result<std::int64_t> integerMember(const Json& object, std::string_view key, std::int64_t least, std::int64_t most) {
  TENON_TRY(const auto value, object.member(key));
  return value.integer(least, most);
}

inline bool isPresent(const std::optional<Json>& value) { return value && value->kind() != Json::Kind::Null; }

template <class E, std::size_t N>
using Choices = std::array<std::pair<std::string_view, E>, N>;

// One of the names in the table.
template <class E, std::size_t N>
Result<E> choiceOf(const Json& value, const Choices<E, N>& choices) {
  TENON_TRY(const auto text, value.string());
  std::string known;
  for (const auto& [name, choice] : choices) {
    if (name == text) return choice;
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  return value.wrong("expected one of " + known);
}

template <class E, std::size_t N>
std::string_view nameOf(E value, const Choices<E, N>& choices) {
  const auto found =
      std::find_if(choices.begin(), choices.end(), [&](const auto& choice) { return choice.second == value; });
  return found == choices.end() ? std::string_view() : found->first;
}

}  // namespace tenon::host
