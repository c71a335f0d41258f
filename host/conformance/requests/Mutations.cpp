#include "host/conformance/requests/Mutations.h"

#include <limits>

namespace tenon::host {

namespace {

std::uint64_t countOf(const json::Value& value) {
  std::uint64_t count = 1;
  if (value.items()) {
    for (const auto& each : *value.items()) count += countOf(each);
  }
  if (value.members()) {
    for (const auto& member : *value.members()) count += countOf(member.second);
  }
  return count;
}

json::Value nested(int depth) {
  json::Value value = json::Value::array();
  for (; depth > 0; --depth) value = json::Value::array().push(std::move(value));
  return value;
}

}  // namespace

Mutations::Mutations(const std::vector<std::string>& bases, std::uint64_t seed) : random_(seed) {
  for (const auto& base : bases) {
    if (json::Parsed parsed = json::parse(base)) bases_.push_back(*std::move(parsed.value));
  }
  if (bases_.empty()) bases_.push_back(json::Value::object());
}

// What members hold that nobody thought of.
json::Value Mutations::odd() {
  constexpr std::size_t kLong = 70'000, kMany = 3'000;
  constexpr int kDeep = 50;
  switch (below(16)) {
    case 0:
      return nullptr;
    case 1:
      return below(2) == 0;
    case 2:
      return -1;
    case 3:
      return std::numeric_limits<std::int64_t>::min();
    case 4:
      return std::numeric_limits<std::int64_t>::max();
    case 5:
      return 1.5e300;
    case 6:
      return "";
    case 7:
      return std::string(kLong, 'a');
    case 8:
      return std::string("a\0b\n\x1B[2J", 9);
    case 9:
      return "../../../../etc/passwd";
    case 10:
      return "${NOT_THERE} $${ ${";
    case 11:
      return "\xED\x9F\xBF\xEF\xBF\xBD\xF0\x9F\xA6\x80";
    case 12:
      return json::Value::array();
    case 13:
      return json::Value::object();
    case 14:
      return nested(kDeep);
    default:
      return json::Items(kMany, json::Value("x"));
  }
}

// Of all values in it, the one with `before` others before it is replaced, left out or put elsewhere.
json::Value Mutations::withOneChanged(const json::Value& value, std::uint64_t& before) {
  if (before-- == 0) return odd();
  if (value.items()) {
    json::Value list = json::Value::array();
    for (const auto& each : *value.items()) {
      const bool here = before == 0;
      if (json::Value changed = withOneChanged(each, before); !here || below(3) > 0) list.push(std::move(changed));
    }
    return list;
  }
  if (value.members()) {
    json::Value object = json::Value::object();
    for (const auto& [key, member] : *value.members()) {
      const bool here = before == 0;
      json::Value changed = withOneChanged(member, before);
      const std::uint64_t way = here ? below(4) : 3;
      if (way == 1) object.set(key + "_", member);
      if (way > 1) object.set(key, std::move(changed));
    }
    return object;
  }
  return value;
}

void Mutations::changeBytes(std::string& text) {
  if (text.empty()) return;
  const auto at = static_cast<std::size_t>(below(text.size()));
  switch (below(5)) {
    case 0:
      text[at] = static_cast<char>(below(256));
      break;
    case 1:
      text.insert(at, 1, static_cast<char>(below(256)));
      break;
    case 2:
      text.erase(at, 1 + below(8));
      break;
    case 3:
      text.resize(at);
      break;
    default: {
      const auto from = static_cast<std::size_t>(below(text.size()));  // first: arguments have no order of their own
      text.insert(at, text.substr(from, 1 + below(64)));
      break;
    }
  }
}

std::string Mutations::next() {
  json::Value document = bases_[static_cast<std::size_t>(below(bases_.size()))];
  for (std::uint64_t times = 1 + below(3); times > 0; --times) {
    std::uint64_t before = below(countOf(document));
    document = withOneChanged(document, before);
  }
  std::string text = document.text();
  if (below(4) == 0) {
    for (std::uint64_t times = 1 + below(4); times > 0; --times) changeBytes(text);
  }
  if (text.size() > json::kMaxBytes) text.resize(json::kMaxBytes);
  return text;
}

}  // namespace tenon::host
