// JSON, read strictly and written plainly.
//
// Reading: RFC 8259 and nothing more. Refused, each with its line: a byte order mark, bad UTF-8, lone surrogates, duplicate
// keys, depth and size past a limit, anything after the value. A Json is a view of one value that knows its path and line,
// so that "platforms.linux-x64.exec.entry (line 9): expected a string, found a number" needs no help from the caller.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/Limits.h"
#include "host/base/Result.h"

namespace tenon::host {

struct JsonValue;  // internal: json/JsonValue.h

struct JsonLimits {
  std::size_t bytes = limits::kJsonBytes;
  std::size_t depth = limits::kJsonDepth;
};

// Immutable; cheap to copy (shares the parsed document); any thread.
class Json {
 public:
  enum class Kind { Null, Boolean, Integer, Real, String, Array, Object };

  // Error: format-invalid, with line and column in the message.
  static Result<Json> parse(std::string_view text, const JsonLimits& limits = {});

  Kind kind() const;
  bool isObject() const { return kind() == Kind::Object; }
  bool isArray() const { return kind() == Kind::Array; }
  bool isString() const { return kind() == Kind::String; }
  // Dotted path from the top, "" for the top itself; array elements as [2], keys that would be unclear as ["1.3.0"].
  const std::string& path() const { return path_; }
  int line() const { return static_cast<int>(place().line); }
  TextPlace place() const;  // of its first character

  // Typed reads. Error: format-invalid with field() = path and the line in the message.
  Result<std::string> string() const;
  Result<std::int64_t> integer(std::int64_t least, std::int64_t most) const;  // "1e3" and "1.0" are no integers
  Result<double> number() const;
  Result<bool> boolean() const;
  Result<std::vector<Json>> array() const;
  Result<std::vector<std::string>> strings() const;
  // In the document's order.
  Result<std::vector<std::pair<std::string, Json>>> members() const;

  // The value at a path as path() tells it, or the innermost on the way there: where what is missing would have to be.
  Json innermost(std::string_view path) const;

  // Member of an object; nothing where it is absent or this is no object.
  std::optional<Json> find(std::string_view key) const;
  // The same, but its absence is an error that names the path.
  Result<Json> member(std::string_view key) const;

  // Members with a default: absent is `otherwise`, present but wrong is an error, and so is asking what is no object.
  Result<std::string> stringOr(std::string_view key, std::string otherwise) const;
  Result<std::int64_t> integerOr(std::string_view key, std::int64_t otherwise, std::int64_t least, std::int64_t most) const;
  Result<bool> booleanOr(std::string_view key, bool otherwise) const;
  Result<std::vector<std::string>> stringsOr(std::string_view key, std::vector<std::string> otherwise) const;

  // A format-invalid error about this value, with its field and place: "<path> (line 9): <what>".
  Error wrong(const std::string& what) const;

  // The value again as compact text, members in the document's order; numbers other than integers as they were written.
  std::string text() const;

 private:
  // Shares the document's ownership, points at one value in it.
  Json(std::shared_ptr<const JsonValue> value, std::string path) : value_(std::move(value)), path_(std::move(path)) {}
  Json at(const JsonValue& value, std::string path) const {
    return {std::shared_ptr<const JsonValue>(value_, &value), std::move(path)};
  }
  Error mismatch(const char* expected) const;

  std::shared_ptr<const JsonValue> value_;
  std::string path_;
};

class JsonArray;

// Builds an object; members keep the order in which they were set, and setting a key again replaces its value. Text is
// UTF-8, ASCII control characters escaped; bytes that are no UTF-8 become U+FFFD, so that what is written can always be
// read.
class JsonObject {
 public:
  JsonObject& set(std::string_view key, std::string_view value);
  JsonObject& set(std::string_view key, const char* value) { return set(key, std::string_view(value)); }
  JsonObject& set(std::string_view key, const std::string& value) { return set(key, std::string_view(value)); }
  JsonObject& set(std::string_view key, std::int64_t value);
  JsonObject& set(std::string_view key, std::uint64_t value);
  JsonObject& set(std::string_view key, int value) { return set(key, static_cast<std::int64_t>(value)); }
  JsonObject& set(std::string_view key, bool value);
  JsonObject& set(std::string_view key, const JsonObject& value);
  JsonObject& set(std::string_view key, const JsonArray& value);
  JsonObject& set(std::string_view key, const std::vector<std::string>& value);
  JsonObject& set(std::string_view key, const Json& value);
  JsonObject& setNull(std::string_view key);

  bool empty() const { return members_.empty(); }
  std::string text() const;    // compact, one line
  std::string pretty() const;  // two spaces a level, newline at the end: for files that people read

 private:
  JsonObject& raw(std::string_view key, std::string text);
  std::vector<std::pair<std::string, std::string>> members_;  // key → encoded value
};

class JsonArray {
 public:
  JsonArray& add(std::string_view value);
  JsonArray& add(const char* value) { return add(std::string_view(value)); }
  JsonArray& add(const std::string& value) { return add(std::string_view(value)); }
  JsonArray& add(std::int64_t value);
  JsonArray& add(std::uint64_t value);
  JsonArray& add(int value) { return add(static_cast<std::int64_t>(value)); }
  JsonArray& add(bool value);
  JsonArray& add(const JsonObject& value);
  JsonArray& add(const JsonArray& value);
  JsonArray& add(const Json& value);

  bool empty() const { return items_.empty(); }
  std::string text() const;

 private:
  JsonArray& raw(std::string text);
  std::vector<std::string> items_;  // encoded
};

}  // namespace tenon::host
