// The reader behind tenon::json::parse. Include tenon/json.hpp, not this.
#ifndef TENON_DETAIL_JSON_READER_HPP
#define TENON_DETAIL_JSON_READER_HPP

#include <algorithm>
#include <limits>

#include "tenon/json.hpp"

namespace tenon::json {

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
    if (depth == kMaxDepth && (peek() == '{' || peek() == '[')) return fail("nested deeper than 64 levels");
    switch (peek()) {
      case '{':
        return readObject(into, depth);
      case '[':
        return readArray(into, depth);
      case '"':
        return readString(into.data_.emplace<std::string>());
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
    Items& items = into.data_.emplace<Items>();
    ++at_;
    skipSpace();
    if (!take(']')) {
      do {
        if (!readValue(items.emplace_back(), depth + 1)) return false;
        skipSpace();
      } while (take(','));
      if (!take(']')) return fail("expected ',' or ']'");
    }
    return true;
  }

  bool readObject(Value& into, std::size_t depth) {
    Members& members = into.data_.emplace<Members>();
    ++at_;
    skipSpace();
    if (!take('}')) {
      members.reserve(8);  // most objects have no more, and moving members is what takes time
      do {
        auto& member = members.emplace_back();
        skipSpace();
        if (peek() != '"') return fail("expected a key");
        if (!readString(member.first)) return false;
        skipSpace();
        if (!take(':')) return fail("expected ':'");
        if (!readValue(member.second, depth + 1)) return false;
        skipSpace();
      } while (take(','));
      if (!take('}')) return fail("expected ',' or '}'");
    }
    return keysDiffer(members);
  }

  bool keysDiffer(const Members& members) {
    std::vector<std::string_view> keys;
    keys.reserve(members.size());
    for (const auto& member : members) keys.push_back(member.first);
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
    const auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) + (negative ? 1 : 0);
    std::uint64_t number = 0;
    for (const char c : text.substr(negative ? 1 : 0)) {
      const auto digit = static_cast<std::uint64_t>(c - '0');
      if (number > (most - digit) / 10) return false;
      number = number * 10 + digit;
    }
    const bool below = negative && number > 0;  // -2^63 has no positive of its own
    into = Value(below ? -static_cast<std::int64_t>(number - 1) - 1 : static_cast<std::int64_t>(number));
    return true;
  }

  bool readString(std::string& into) {
    ++at_;
    while (takePlain(into), at_ < text_.size()) {
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte == '"') return ++at_, true;
      if (byte < 0x20) return fail("a control character in a string");
      if (byte == '\\' ? !readEscape(into) : !readUtf8(into)) return false;
    }
    return fail("a string without its end");
  }

  // What stands for itself, and is nearly all of a string: ASCII that needs no escape, all of it at once.
  void takePlain(std::string& into) {
    const std::size_t from = at_;
    const auto plain = [](char c) { return c >= 0x20 && c != '"' && c != '\\' && static_cast<unsigned char>(c) < 0x80; };
    while (at_ < text_.size() && plain(text_[at_])) ++at_;
    into.append(text_.data() + from, at_ - from);
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
    put(more == 0 ? code : ((0xFF00u >> (more + 1)) & 0xFFu) | (code >> (6 * more)));
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
