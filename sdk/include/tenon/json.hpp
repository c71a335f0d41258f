// JSON for plugins: one value type, a strict reader, a compact writer. Header-only, C++17, no dependency.
//
// Reading is RFC 8259 and nothing more. Refused, with the line: bad UTF-8, lone surrogates, duplicate keys, numbers that no
// double holds, depth past 64, size past 1 MiB, anything after the value. Members keep their order, so the same value always
// writes the same bytes. A Value owns all that is in it; different values may be used on different threads.
#ifndef TENON_JSON_HPP
#define TENON_JSON_HPP

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <locale>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace tenon::json {

inline constexpr std::size_t kMaxBytes = 1048576;
inline constexpr std::size_t kMaxDepth = 64;

class Reader;
class Value;
using Items = std::vector<Value>;
using Members = std::vector<std::pair<std::string, Value>>;  // in order; keys differ

class Value {
 public:
  enum class Kind { Null, Boolean, Integer, Real, String, Array, Object };

  Value() = default;
  Value(std::nullptr_t) {}
  template <class T, std::enable_if_t<std::is_same_v<T, bool>, int> = 0>
  Value(T truth) : data_(truth) {}
  template <class T, std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>, int> = 0>
  Value(T number) : data_(static_cast<std::int64_t>(number)) {
    if (number > 0 && std::get<std::int64_t>(data_) < 0) data_ = static_cast<double>(number);  // past int64
  }
  Value(double number) : data_(number) {}
  Value(const char* text) : data_(std::string(text)) {}
  Value(std::string_view text) : data_(std::string(text)) {}
  Value(std::string text) : data_(std::move(text)) {}
  Value(Items items) : data_(std::move(items)) {}
  Value(Members members) : data_(std::move(members)) {}
  static Value array() { return Value(Items{}); }
  static Value object() { return Value(Members{}); }

  Kind kind() const { return static_cast<Kind>(data_.index()); }
  bool isNull() const { return kind() == Kind::Null; }

  // The value where it is of that type, else nothing.
  std::optional<bool> boolean() const { return copy<bool>(); }
  std::optional<std::int64_t> integer() const { return copy<std::int64_t>(); }
  std::optional<double> number() const {
    if (auto whole = integer()) return static_cast<double>(*whole);
    return copy<double>();
  }
  const std::string* string() const { return std::get_if<std::string>(&data_); }
  const Items* items() const { return std::get_if<Items>(&data_); }
  const Members* members() const { return std::get_if<Members>(&data_); }

  // A member; null where it is absent or this is no object.
  inline const Value* find(std::string_view key) const;
  // Puts a member at the end, or in the place of the one of that name. A null value becomes an object first; any other kind
  // is replaced by one.
  inline Value& set(std::string_view key, Value value);
  // The same for an array.
  inline Value& push(Value value);

  // Compact, one line. Text must be UTF-8. An infinite or undefined number is written as null.
  inline std::string text() const;
  // The same, put at the end of `out`.
  inline void write(std::string& out) const;

  friend bool operator==(const Value& a, const Value& b) { return a.data_ == b.data_; }
  friend bool operator!=(const Value& a, const Value& b) { return !(a == b); }

 private:
  friend class Reader;
  template <class T>
  std::optional<T> copy() const {
    const T* found = std::get_if<T>(&data_);
    return found ? std::optional<T>(*found) : std::nullopt;
  }

  std::variant<std::monostate, bool, std::int64_t, double, std::string, Items, Members> data_;
};

inline const Value* Value::find(std::string_view key) const {
  const Members* all = members();
  if (!all) return nullptr;
  for (const auto& [name, value] : *all) {
    if (name == key) return &value;
  }
  return nullptr;
}

inline Value& Value::set(std::string_view key, Value value) {
  if (kind() != Kind::Object) data_ = Members{};
  auto& all = std::get<Members>(data_);
  for (auto& member : all) {
    if (member.first == key) return member.second = std::move(value), *this;
  }
  all.emplace_back(key, std::move(value));
  return *this;
}

inline Value& Value::push(Value value) {
  if (kind() != Kind::Array) data_ = Items{};
  std::get<Items>(data_).push_back(std::move(value));
  return *this;
}

inline void writeString(std::string& out, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  out += '"';
  std::size_t from = 0;  // what stands for itself since the last escape is copied at once
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, from, at - from);
    from = at + 1;
    if (byte >= 0x20) {
      (out += '\\') += c;
    } else if (c == '\n') {
      out += "\\n";
    } else {
      ((out += "\\u00") += hex[byte >> 4]) += hex[byte & 15];
    }
  }
  out.append(text, from);
  out += '"';
}

inline std::string writeReal(double number) {
  if (!std::isfinite(number)) return "null";
  std::string text;
  for (int digits = 15; digits <= 17; ++digits) {  // the shortest that reads back as the same number
    std::ostringstream out;
    out.imbue(std::locale::classic());
    out.precision(digits);
    out << number;
    text = out.str();
    std::istringstream in(text);
    in.imbue(std::locale::classic());
    double again = 0;
    if (in >> again && !(again < number) && !(again > number)) break;
  }
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;  // stays a real when read again
}

inline void Value::write(std::string& out) const {
  const char* separator = "";
  switch (kind()) {
    case Kind::Null:
      out += "null";
      break;
    case Kind::Boolean:
      out += std::get<bool>(data_) ? "true" : "false";
      break;
    case Kind::Integer:
      out += std::to_string(std::get<std::int64_t>(data_));
      break;
    case Kind::Real:
      out += writeReal(std::get<double>(data_));
      break;
    case Kind::String:
      writeString(out, std::get<std::string>(data_));
      break;
    case Kind::Array:
      out += '[';
      for (const Value& item : std::get<Items>(data_)) {
        out += std::exchange(separator, ",");
        item.write(out);
      }
      out += ']';
      break;
    case Kind::Object:
      out += '{';
      for (const auto& [key, value] : std::get<Members>(data_)) {
        out += std::exchange(separator, ",");
        writeString(out, key);
        out += ':';
        value.write(out);
      }
      out += '}';
      break;
  }
}

inline std::string Value::text() const {
  std::string out;
  write(out);
  return out;
}

// Writes an object member by member, straight to text: for documents that are made to be sent. Each key once.
class ObjectText {
 public:
  ObjectText() { out_.reserve(512); }
  template <class Text, std::enable_if_t<std::is_convertible_v<const Text&, std::string_view>, int> = 0>
  ObjectText& set(std::string_view key, const Text& text) {
    return begin(key), writeString(out_, text), *this;
  }
  ObjectText& set(std::string_view key, const Value& value) { return begin(key), value.write(out_), *this; }
  // Ends it; the last call.
  std::string text() { return out_ += out_.empty() ? "{}" : "}", std::move(out_); }

 private:
  void begin(std::string_view key) {
    out_ += out_.empty() ? '{' : ',';
    writeString(out_, key);
    out_ += ':';
  }
  std::string out_;
};

// What parse() answers: a value, or why there is none ("line 3: duplicate key \"a\"").
struct Parsed {
  std::optional<Value> value;
  std::string error;
  explicit operator bool() const { return value.has_value(); }
  const Value& operator*() const { return *value; }
  const Value* operator->() const { return &*value; }
};

inline Parsed parse(std::string_view text);

// The first name in a document's "must_understand" that is not among `known`; "" stands for one that is no text, or a list
// that is none. Nothing where all is known.
inline std::optional<std::string> notUnderstood(const Value& document, std::initializer_list<std::string_view> known) {
  const Value* needed = document.find("must_understand");
  if (!needed) return std::nullopt;
  if (!needed->items()) return std::string();
  for (const Value& each : *needed->items()) {
    const std::string* name = each.string();
    bool understood = false;
    for (const std::string_view member : known) understood = understood || (name && member == *name);
    if (!understood) return name ? *name : std::string();
  }
  return std::nullopt;
}

}  // namespace tenon::json

#include "tenon/detail/json_reader.hpp"

#endif
