#include "host/base/json/JsonWriter.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

#include "host/base/Utf8.h"
#include "host/base/json/JsonValue.h"

namespace tenon::host {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// A quote, a backslash or a control character.
void writeEscape(char byte, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  switch (byte) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const auto value = static_cast<std::uint8_t>(byte);
  out += "\\u00";
  out += kDigits[value >> 4];
  out += kDigits[value & 0xF];
}

std::string encoded(std::string_view text) {
  std::string out;
  writeJsonString(text, out);
  return out;
}

struct Writer {
  std::string& out;

  void operator()(std::monostate) const { out += "null"; }
  void operator()(bool value) const { out += value ? "true" : "false"; }
  void operator()(std::int64_t value) const { out += std::to_string(value); }
  void operator()(const JsonValue::Real& value) const { out += value.literal; }
  void operator()(const std::string& value) const { writeJsonString(value, out); }
  void operator()(const JsonValue::Array& value) const {
    out += '[';
    for (const JsonValue& item : value) {
      if (&item != &value.front()) out += ',';
      writeJson(item, out);
    }
    out += ']';
  }
  void operator()(const JsonValue::Object& value) const {
    out += '{';
    for (const JsonMember& member : value) {
      if (&member != &value.front()) out += ',';
      writeJsonString(member.key, out);
      out += ':';
      writeJson(member.value, out);
    }
    out += '}';
  }
};

std::size_t endOfString(std::string_view text, std::size_t quote) {
  std::size_t at = quote + 1;
  while (text[at] != '"') at += text[at] == '\\' ? 2U : 1U;
  return at + 1;
}

// `compact` is JSON that this file wrote: valid, and with no space outside strings.
std::string indented(std::string_view compact) {
  std::string out;
  std::size_t level = 0;
  const auto newLine = [&] { out.append(1, '\n').append(2 * level, ' '); };
  for (std::size_t at = 0; at < compact.size(); ++at) {
    const char here = compact[at];
    if (here == '"') {
      const std::size_t end = endOfString(compact, at);
      out += compact.substr(at, end - at);
      at = end - 1;
    } else if ((here == '{' || here == '[') && (compact[at + 1] == '}' || compact[at + 1] == ']')) {
      out += compact.substr(at++, 2);
    } else if (here == '{' || here == '[') {
      out += here;
      ++level;
      newLine();
    } else if (here == '}' || here == ']') {
      --level;
      newLine();
      out += here;
    } else if (here == ',') {
      out += here;
      newLine();
    } else {
      out += here;
      if (here == ':') out += ' ';
    }
  }
  return out += '\n';
}

bool readsWellInAPath(std::string_view key) {
  return !key.empty() && std::none_of(key.begin(), key.end(), [](char c) {
    return static_cast<std::uint8_t>(c) <= 0x20 || c == 0x7F || c == '.' || c == '[' || c == ']' || c == '"';
  });
}

constexpr char32_t kByteOrderMark = 0xfeff;

}  // namespace

void writeJsonString(std::string_view text, std::string& out) {
  out += '"';
  std::size_t from = 0;  // what stands for itself since the last escape is copied at once
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<std::uint8_t>(text[at]);
    const std::size_t length = byte < 0x80 ? 1 : utf8Length(text, at);
    if (length > 1 || (length == 1 && byte >= 0x20 && byte != '"' && byte != '\\')) {
      at += length;
      continue;
    }
    out.append(text, from, at - from);
    if (length == 0) {
      out += kReplacement;
    } else {
      writeEscape(text[at], out);
    }
    from = ++at;
  }
  out.append(text, from);
  out += '"';
}

// Inside a document they may stand as they are; a line for people they would change or hide.
std::string jsonShown(std::string_view text) {
  const auto plain = encoded(text);
  std::string out;
  for (std::size_t at = 0; at < plain.size();) {
    const auto length = std::max<std::size_t>(utf8Length(plain, at), 1);
    const auto point = codePoint(std::string_view(plain).substr(at, length));
    if (changesALine(point) || point == kByteOrderMark) {
      std::array<char, 7> escape;
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(point));
      out += escape.data();
    } else {
      out.append(plain, at, length);
    }
    at += length;
  }
  return out;
}

void writeJson(const JsonValue& value, std::string& out) { std::visit(Writer{out}, value.data); }

std::string jsonMemberPath(const std::string& path, std::string_view key) {
  const bool ascii = std::all_of(key.begin(), key.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  const bool plain = readsWellInAPath(key) && (ascii || jsonShown(key).size() == key.size() + 2);
  if (!plain) return path + "[" + jsonShown(key) + "]";
  return path.empty() ? std::string(key) : path + "." + std::string(key);
}

std::string jsonElementPath(const std::string& path, std::size_t index) { return path + "[" + std::to_string(index) + "]"; }

JsonObject& JsonObject::raw(std::string_view key, std::string text) {
  const auto same =
      std::find_if(members_.begin(), members_.end(), [key](const auto& member) { return member.first == key; });
  if (same == members_.end()) {
    members_.emplace_back(std::string(key), std::move(text));
  } else {
    same->second = std::move(text);
  }
  return *this;
}

JsonObject& JsonObject::set(std::string_view key, std::string_view value) { return raw(key, encoded(value)); }
JsonObject& JsonObject::set(std::string_view key, std::int64_t value) { return raw(key, std::to_string(value)); }
JsonObject& JsonObject::set(std::string_view key, std::uint64_t value) { return raw(key, std::to_string(value)); }
JsonObject& JsonObject::set(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }
JsonObject& JsonObject::set(std::string_view key, const JsonObject& value) { return raw(key, value.text()); }
JsonObject& JsonObject::set(std::string_view key, const JsonArray& value) { return raw(key, value.text()); }
JsonObject& JsonObject::set(std::string_view key, const Json& value) { return raw(key, value.text()); }
JsonObject& JsonObject::setNull(std::string_view key) { return raw(key, "null"); }

JsonObject& JsonObject::set(std::string_view key, const std::vector<std::string>& value) {
  JsonArray array;
  for (const std::string& item : value) array.add(item);
  return set(key, array);
}

std::string JsonObject::text() const {
  std::string out = "{";
  for (const auto& [key, value] : members_) {
    if (out.size() > 1) out += ',';
    writeJsonString(key, out);
    out += ':';
    out += value;
  }
  return out += '}';
}

std::string JsonObject::pretty() const { return indented(text()); }

JsonArray& JsonArray::raw(std::string text) {
  items_.push_back(std::move(text));
  return *this;
}

JsonArray& JsonArray::add(std::string_view value) { return raw(encoded(value)); }
JsonArray& JsonArray::add(std::int64_t value) { return raw(std::to_string(value)); }
JsonArray& JsonArray::add(std::uint64_t value) { return raw(std::to_string(value)); }
JsonArray& JsonArray::add(bool value) { return raw(value ? "true" : "false"); }
JsonArray& JsonArray::add(const JsonObject& value) { return raw(value.text()); }
JsonArray& JsonArray::add(const JsonArray& value) { return raw(value.text()); }
JsonArray& JsonArray::add(const Json& value) { return raw(value.text()); }

std::string JsonArray::text() const {
  std::string out = "[";
  for (const std::string& item : items_) {
    if (out.size() > 1) out += ',';
    out += item;
  }
  return out += ']';
}

}  // namespace tenon::host
