#include "host/base/json/JsonScanner.h"

#include <Poco/NumberParser.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "host/base/Utf8.h"
#include "host/base/json/JsonWriter.h"

namespace tenon::host {

namespace {

bool isHighSurrogate(char32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool isLowSurrogate(char32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

bool fitsInteger(std::string_view literal) {
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(literal.data(), literal.data() + literal.size(), value);
  return fault == std::errc() && end == literal.data() + literal.size();
}

bool fitsDouble(std::string_view literal) {
  double value = 0;
  return Poco::NumberParser::tryParseFloat(std::string(literal), value);  // false: infinite
}

// Unlike the text's own bytes, an excerpt in a message must stay short and on its line.
std::string excerpt(std::string_view text) {
  constexpr std::size_t kMost = 40;
  const auto out = jsonShown(text.substr(0, kMost));
  return text.size() > kMost ? out + "..." : out;
}

}  // namespace

Result<ScannedJson> JsonScanner::scan() {
  if (text_.size() > limits_.bytes) {
    return Error(ErrorCode::FormatInvalid, "the document has " + std::to_string(text_.size()) + " bytes; at most " +
                                               std::to_string(limits_.bytes) + " are read");
  }
  if (text_.starts_with("\xEF\xBB\xBF")) {
    fail(0, "the document starts with a byte order mark, which JSON does not allow");
    return std::move(*error_).withHint("save it as UTF-8 without a byte order mark");
  }
  skipSpace();
  if (!value(0)) return std::move(*error_);
  skipSpace();
  if (at_ < text_.size() && !fail(at_, "expected the end, found " + found())) return std::move(*error_);
  return std::move(scanned_);
}

bool JsonScanner::value(std::size_t depth) {
  switch (here()) {
    case '{':
      return object(depth + 1);
    case '[':
      return array(depth + 1);
    case '"':
      return note(Json::Kind::String) && string(nullptr);
    case 't':
      return word("true", Json::Kind::Boolean);
    case 'f':
      return word("false", Json::Kind::Boolean);
    case 'n':
      return word("null", Json::Kind::Null);
    default:
      return here() == '-' || atDigit() ? number() : expected("a value");
  }
}

bool JsonScanner::note(Json::Kind kind) {
  if (scanned_.values.size() >= limits::kJsonValues) {
    return fail(at_, "the document has more than " + std::to_string(limits::kJsonValues) + " values");
  }
  scanned_.values.push_back({kind, place(at_), 0, {}});
  return true;
}

bool JsonScanner::open(std::size_t depth, Json::Kind kind) {
  if (depth > limits_.depth) return fail(at_, "nested deeper than " + std::to_string(limits_.depth) + " levels");
  if (!note(kind)) return false;
  ++at_;
  skipSpace();
  return true;
}

bool JsonScanner::object(std::size_t depth) {
  const std::size_t self = scanned_.values.size();
  if (!open(depth, Json::Kind::Object)) return false;
  if (here() == '}') return ++at_, true;
  std::set<std::string_view> keys;  // ordered, not hashed: no text can be written to make it slow
  for (;;) {
    const std::size_t keyAt = at_;
    if (here() != '"') return expected("a key in quotes");
    std::string& key = scanned_.keys.emplace_back();
    if (!string(&key)) return false;
    steps_.push_back({&key, 0});
    if (!keys.insert(key).second) return fail(keyAt, "the key " + excerpt(key) + " stands here twice");
    if (!member(depth)) return false;
    steps_.pop_back();
    ++scanned_.values[self].children;
    if (here() == '}') return ++at_, true;
    if (here() != ',') return expected("',' or '}'");
    ++at_;
    skipSpace();
  }
}

// After the key: colon and value, and the space around them.
bool JsonScanner::member(std::size_t depth) {
  skipSpace();
  if (here() != ':') return expected("':'");
  ++at_;
  skipSpace();
  if (!value(depth)) return false;
  skipSpace();
  return true;
}

bool JsonScanner::array(std::size_t depth) {
  const std::size_t self = scanned_.values.size();
  if (!open(depth, Json::Kind::Array)) return false;
  if (here() == ']') return ++at_, true;
  steps_.push_back({nullptr, 0});
  for (;; ++steps_.back().index) {
    if (!value(depth)) return false;
    skipSpace();
    ++scanned_.values[self].children;
    if (here() == ']') break;
    if (here() != ',') return expected("',' or ']'");
    ++at_;
    skipSpace();
  }
  steps_.pop_back();
  ++at_;
  return true;
}

bool JsonScanner::number() {
  const std::size_t start = at_;
  if (!note(Json::Kind::Integer)) return false;
  if (here() == '-') ++at_;
  if (here() == '0') {
    ++at_;
    if (atDigit()) return fail(at_, "a number has no leading zero");
  } else if (!digits()) {
    return false;
  }
  bool whole = true, exponent = false;
  if (here() == '.') {
    whole = false;
    ++at_;
    if (!digits()) return false;
  }
  if (here() == 'e' || here() == 'E') {
    whole = false, exponent = true;
    ++at_;
    if (here() == '+' || here() == '-') ++at_;
    if (!digits()) return false;
  }
  ScannedJson::Value& noted = scanned_.values.back();
  noted.literal = text_.substr(start, at_ - start);
  if (!whole || !fitsInteger(noted.literal)) noted.kind = Json::Kind::Real;
  constexpr std::size_t kAlwaysFits = 300;  // a double reaches 10^308
  const bool large = noted.kind == Json::Kind::Real && (exponent || noted.literal.size() > kAlwaysFits);
  if (large && !fitsDouble(noted.literal)) return fail(start, "the number " + excerpt(noted.literal) + " is too large");
  return true;
}

bool JsonScanner::digits() {
  if (!atDigit()) return expected("a digit");
  while (atDigit()) ++at_;
  return true;
}

bool JsonScanner::word(std::string_view word, Json::Kind kind) {
  if (text_.substr(at_, word.size()) != word) return expected("a value");
  if (!note(kind)) return false;
  at_ += word.size();
  return true;
}

bool JsonScanner::string(std::string* unescaped) {
  ++at_;
  for (;;) {
    if (at_ >= text_.size()) return fail(at_, "the text ends within a string");
    const auto byte = static_cast<std::uint8_t>(text_[at_]);
    if (byte == '"') return ++at_, true;
    if (byte == '\\') {
      if (!escape(unescaped)) return false;
      continue;
    }
    if (byte < 0x20) return fail(at_, "a control character in a string must be escaped, found " + found());
    const std::size_t length = plainLength();
    if (length == 0) return fail(at_, "this is no UTF-8: " + found());
    if (unescaped != nullptr) unescaped->append(text_, at_, length);
    at_ += length;
  }
}

// Bytes at at_ that stand for themselves: a run of ASCII, or one longer character; 0 where it is no UTF-8.
std::size_t JsonScanner::plainLength() const {
  std::size_t end = at_;
  const auto plain = [](char c) { return c >= 0x20 && c != '"' && c != '\\' && static_cast<std::uint8_t>(c) < 0x80; };
  while (end < text_.size() && plain(text_[end])) ++end;
  return end > at_ ? end - at_ : utf8Length(text_, at_);
}

bool JsonScanner::escape(std::string* unescaped) {
  constexpr std::string_view kLetters = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
  const std::size_t start = at_++;
  if (const auto letter = kLetters.find(here()); letter != std::string_view::npos) {
    if (unescaped != nullptr) *unescaped += kMeanings[letter];
    return ++at_, true;
  }
  if (here() != 'u') return expected("one of \"\\/bfnrtu after a backslash");
  char32_t code = 0;
  if (!hexUnit(code)) return false;
  if (isLowSurrogate(code)) return fail(start, "a lone surrogate is no character");
  if (isHighSurrogate(code)) {
    char32_t low = 0;
    if (text_.substr(at_, 2) != "\\u") return fail(start, "a lone surrogate is no character");
    ++at_;
    if (!hexUnit(low)) return false;
    if (!isLowSurrogate(low)) return fail(start, "a lone surrogate is no character");
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }
  if (unescaped != nullptr) appendUtf8(code, *unescaped);
  return true;
}

// The u of an escape and its four digits.
bool JsonScanner::hexUnit(char32_t& unit) {
  unit = 0;
  ++at_;
  for (int i = 0; i < 4; ++i, ++at_) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const char lower = here() >= 'A' && here() <= 'F' ? static_cast<char>(here() - 'A' + 'a') : here();
    const auto digit = kDigits.find(lower);
    if (digit == std::string_view::npos) return expected("four hexadecimal digits after \\u");
    unit = unit * 16 + static_cast<char32_t>(digit);
  }
  return true;
}

void JsonScanner::skipSpace() {
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '\n') {
      counted_ = {counted_.line + 1, 1};  // nowhere else: within strings a newline is refused
      countedTo_ = at_ + 1;
    } else if (c != ' ' && c != '\t' && c != '\r') {
      return;
    }
  }
}

// Counts on from the place that was asked for last, so that all of them together cost one look at the text.
TextPlace JsonScanner::place(std::size_t at) {
  const std::string_view row = text_.substr(countedTo_, at - countedTo_);
  counted_.column += static_cast<std::uint32_t>(
      std::count_if(row.begin(), row.end(), [](char c) { return (static_cast<std::uint8_t>(c) & 0xC0U) != 0x80U; }));
  countedTo_ = at;
  return counted_;
}

bool JsonScanner::fail(std::size_t at, const std::string& what) {
  const TextPlace where = place(at);
  error_ = Error(ErrorCode::FormatInvalid,
                 "line " + std::to_string(where.line) + ", column " + std::to_string(where.column) + ": " + what)
               .withField(path())
               .withPlace(where);
  return false;
}

std::string JsonScanner::found() const {
  if (at_ >= text_.size()) return "the end";
  const auto byte = static_cast<std::uint8_t>(text_[at_]);
  if (byte > 0x20 && byte < 0x7F) return std::string("'") + text_[at_] + "'";
  constexpr std::string_view kDigits = "0123456789abcdef";
  return std::string("byte 0x") + kDigits[byte >> 4] + kDigits[byte & 0xF];
}

std::string JsonScanner::path() const {
  std::string path;
  for (const Step& step : steps_) {
    path = step.key != nullptr ? jsonMemberPath(path, *step.key) : jsonElementPath(path, step.index);
  }
  return path;
}

}  // namespace tenon::host
