// Small things about text that more than one room needs.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenon::host {

// `text` without the characters `of` at either end: white space, or what the format at hand says (HTTP: blank and tab only).
inline std::string_view trimmed(std::string_view text, std::string_view of = " \t\r\n") {
  const auto first = text.find_first_not_of(of);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(of) - first + 1);
}

// `text` with `by` in place of every `what`, which is not empty; what `by` brings is not looked at again.
inline std::string replacedAll(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

// Decimal digits and nothing else.
inline std::optional<std::uint64_t> wholeNumber(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "a, b, c": of each element, what `textOf` says of it.
template <class Range, class TextOf>
std::string joined(const Range& range, TextOf textOf) {
  std::string text;
  for (const auto& each : range) {
    if (!text.empty()) text += ", ";
    text += textOf(each);
  }
  return text;
}
template <class Range>
std::string joined(const Range& names) {
  return joined(
      names, [](const auto& name) -> const auto& { return name; });
}

}  // namespace tenon::host
