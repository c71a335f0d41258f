// JSON for plugins: one value type, a strict reader, a compact writer. Header-only, C++17, no dependency.
//
// Reading is RFC 8259 and nothing more. Refused, with the line: bad UTF-8, lone surrogates, duplicate keys, numbers that no
// double holds, depth past 64, size past 1 MiB, anything after the value. Members keep their order, so the same value always
// writes the same bytes. A Value owns all that is in it; different values may be used on different threads.
#ifndef TENON_JSON_HPP
#define TENON_JSON_HPP

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
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

class Value;
struct Member;
using Array = std::vector<Value>;
using Object = std::vector<Member>;  // in order; keys differ

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
  inline Value(Array items);
  inline Value(Object members);
  static inline Value array();   // an empty one
  static inline Value object();  // an empty one

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
  const Array* items() const { return std::get_if<Array>(&data_); }
  const Object* members() const { return std::get_if<Object>(&data_); }

  // A member; null where it is absent or this is no object.
  inline const Value* find(std::string_view key) const;
  // Puts a member at the end, or in the place of the one of that name. A null value becomes an object first; any other kind
  // is replaced by one.
  inline Value& set(std::string_view key, Value value);
  // The same for an array.
  inline Value& push(Value value);

  // Compact, one line. Text must be UTF-8. An infinite or undefined number is written as null.
  inline std::string text() const;

  friend bool operator==(const Value& a, const Value& b) { return a.data_ == b.data_; }
  friend bool operator!=(const Value& a, const Value& b) { return !(a == b); }

 private:
  template <class T>
  std::optional<T> copy() const {
    const T* found = std::get_if<T>(&data_);
    return found ? std::optional<T>(*found) : std::nullopt;
  }
  inline void write(std::string& out) const;

  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> data_;
};

struct Member {
  std::string key;
  Value value;
  friend bool operator==(const Member& a, const Member& b) { return a.key == b.key && a.value == b.value; }
};

inline Value::Value(Array items) : data_(std::move(items)) {}
inline Value::Value(Object members) : data_(std::move(members)) {}
inline Value Value::array() { return Value(Array{}); }
inline Value Value::object() { return Value(Object{}); }

inline const Value* Value::find(std::string_view key) const {
  const Object* all = members();
  if (!all) return nullptr;
  for (const Member& member : *all) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

inline Value& Value::set(std::string_view key, Value value) {
  if (kind() != Kind::Object) data_ = Object{};
  auto& all = std::get<Object>(data_);
  for (Member& member : all) {
    if (member.key == key) return member.value = std::move(value), *this;
  }
  all.push_back({std::string(key), std::move(value)});
  return *this;
}

inline Value& Value::push(Value value) {
  if (kind() != Kind::Array) data_ = Array{};
  std::get<Array>(data_).push_back(std::move(value));
  return *this;
}

inline void writeString(std::string& out, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20) {
      ((out += "\\u00") += hex[byte >> 4]) += hex[byte & 15];
    } else {
      out += c;
    }
  }
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
      for (const Value& item : std::get<Array>(data_)) {
        out += std::exchange(separator, ",");
        item.write(out);
      }
      out += ']';
      break;
    case Kind::Object:
      out += '{';
      for (const Member& member : std::get<Object>(data_)) {
        out += std::exchange(separator, ",");
        writeString(out, member.key);
        out += ':';
        member.value.write(out);
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

// What parse() answers: a value, or why there is none ("line 3: duplicate key \"a\"").
struct Parsed {
  std::optional<Value> value;
  std::string error;
  explicit operator bool() const { return value.has_value(); }
  const Value& operator*() const { return *value; }
  const Value* operator->() const { return &*value; }
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Parsed read() {
    Value value;
    if (text_.size() > kMaxBytes)
      fail("larger than 1 MiB");
    else if (readValue(value, 0) && (skipSpace(), at_ != text_.size()))
      fail("something stands after the value");
    if (!error_.empty()) return {std::nullopt, std::move(error_)};
    return {std::move(value), {}};
  }

 private:
  bool fail(const std::string& what) {
    if (!error_.empty()) return false;
    const auto end = text_.begin() + static_cast<std::ptrdiff_t>(std::min(at_, text_.size()));
    error_ = "line " + std::to_string(1 + std::count(text_.begin(), end, '\n')) + ": " + what;
    return false;
  }
  // '\0' at the end; a NUL in the text is no valid character anywhere, so the two need not be told apart.
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) { return peek() == c && c != '\0' && (++at_, true); }
  bool takeWord(std::string_view word) { return text_.substr(at_, word.size()) == word && (at_ += word.size(), true); }
  void skipSpace() {
    while (peek() == ' ' || peek() == '\n' || peek() == '\t' || peek() == '\r') ++at_;
  }
  bool digits() {
    const std::size_t from = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > from;
  }

  bool readValue(Value& into, std::size_t depth) {
    skipSpace();
    if (depth > kMaxDepth) return fail("nested deeper than 64 levels");
    switch (peek()) {
      case '{':
        return readObject(into, depth);
      case '[':
        return readArray(into, depth);
      case '"': {
        std::string text;
        return readString(text) && (into = Value(std::move(text)), true);
      }
      case 't':
        return takeWord("true") ? (into = Value(true), true) : fail("expected a value");
      case 'f':
        return takeWord("false") ? (into = Value(false), true) : fail("expected a value");
      case 'n':
        return takeWord("null") ? (into = Value(), true) : fail("expected a value");
      default:
        return readNumber(into);
    }
  }

  bool readArray(Value& into, std::size_t depth) {
    Array items;
    ++at_;
    skipSpace();
    if (!take(']')) {
      do {
        if (!readValue(items.emplace_back(), depth + 1)) return false;
        skipSpace();
      } while (take(','));
      if (!take(']')) return fail("expected ',' or ']'");
    }
    return into = Value(std::move(items)), true;
  }

  bool readObject(Value& into, std::size_t depth) {
    Object members;
    ++at_;
    skipSpace();
    if (!take('}')) {
      do {
        Member& member = members.emplace_back();
        skipSpace();
        if (peek() != '"') return fail("expected a key");
        if (!readString(member.key)) return false;
        skipSpace();
        if (!take(':')) return fail("expected ':'");
        if (!readValue(member.value, depth + 1)) return false;
        skipSpace();
      } while (take(','));
      if (!take('}')) return fail("expected ',' or '}'");
    }
    if (!keysDiffer(members)) return false;
    return into = Value(std::move(members)), true;
  }

  bool keysDiffer(const Object& members) {
    std::vector<std::string_view> keys;
    for (const Member& member : members) keys.push_back(member.key);
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    return twice == keys.end() || fail("duplicate key \"" + std::string(*twice) + "\"");
  }

  bool readNumber(Value& into) {
    const std::size_t from = at_;
    const bool negative = take('-');
    if (!take('0') && !digits()) return at_ = from, fail("expected a value");
    const bool whole = peek() != '.' && peek() != 'e' && peek() != 'E';
    if (take('.') && !digits()) return fail("expected a digit");
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      if (!digits()) return fail("expected a digit");
    }
    const std::string_view text = text_.substr(from, at_ - from);
    if (whole && readInteger(text, negative, into)) return true;
    std::istringstream in{std::string(text)};
    in.imbue(std::locale::classic());
    double number = 0;
    if (!(in >> number) || !std::isfinite(number)) return fail("a number that no double holds");
    return into = Value(number), true;
  }

  static bool readInteger(std::string_view text, bool negative, Value& into) {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    std::uint64_t number = 0;
    for (const char c : text.substr(negative ? 1 : 0)) {
      const auto digit = static_cast<std::uint64_t>(c - '0');
      if (number > (most - digit) / 10) return false;
      number = number * 10 + digit;
    }
    const auto value = static_cast<std::int64_t>(number);
    return into = Value(negative ? -value : value), true;
  }

  bool readString(std::string& into) {
    ++at_;
    while (at_ < text_.size()) {
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte == '"') return ++at_, true;
      if (byte < 0x20) return fail("a control character in a string");
      if (byte == '\\') {
        if (!readEscape(into)) return false;
      } else if (byte < 0x80) {
        into += text_[at_++];
      } else if (!readUtf8(into)) {
        return false;
      }
    }
    return fail("a string without its end");
  }

  bool readEscape(std::string& into) {
    ++at_;
    static constexpr std::string_view names = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    if (const auto which = names.find(peek()); which != std::string_view::npos) return into += meanings[which], ++at_, true;
    std::uint32_t code = 0, low = 0;
    if (!take('u') || !readHex(code)) return fail("an escape that JSON does not have");
    if (code >= 0xD800 && code < 0xE000) {
      if (code > 0xDBFF || !takeWord("\\u") || !readHex(low) || low < 0xDC00 || low > 0xDFFF)
        return fail("a lone surrogate");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    const auto put = [&](std::uint32_t byte) { into += static_cast<char>(static_cast<unsigned char>(byte)); };
    const int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    put(more == 0 ? code : ((0xF00u >> more) & 0xFFu) | (code >> (6 * more)));
    for (int i = more - 1; i >= 0; --i) put(0x80 | ((code >> (6 * i)) & 0x3F));
    return true;
  }

  bool readHex(std::uint32_t& code) {
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = peek();
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return false;
      code = code * 16 + static_cast<std::uint32_t>(digit);
    }
    return true;
  }

  // One character of two to four bytes: no overlong form, no surrogate, nothing past U+10FFFF (RFC 3629).
  bool readUtf8(std::string& into) {
    const auto at = [&](std::size_t i) { return at_ + i < text_.size() ? static_cast<unsigned char>(text_[at_ + i]) : 0u; };
    const unsigned first = at(0);
    const std::size_t bytes = first >= 0xC2 && first < 0xE0   ? 2
                              : (first & 0xF0) == 0xE0        ? 3
                              : first >= 0xF0 && first < 0xF5 ? 4
                                                              : 0;
    const unsigned least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    const unsigned most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    bool good = bytes != 0 && at(1) >= least && at(1) <= most;
    for (std::size_t i = 2; i < bytes; ++i) good = good && (at(i) & 0xC0) == 0x80;
    if (!good) return fail("bytes that are no UTF-8");
    into.append(text_.substr(at_, bytes));
    return at_ += bytes, true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string error_;
};

inline Parsed parse(std::string_view text) { return Reader(text).read(); }

}  // namespace tenon::json

#endif
