// Internal to host/base: the strict half of reading JSON. Checks the whole text against RFC 8259 and the house's limits and
// notes, for every value in the document's order, what Poco::JSON would not tell: its place, and how a number was written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/Json.h"

namespace tenon::host {

struct ScannedJson {
  struct Value {
    Json::Kind kind = Json::Kind::Null;
    TextPlace place;
    std::uint32_t children = 0;  // of an array or object, direct ones
    std::string_view literal;    // of a number
  };
  std::vector<Value> values;     // in the order in which they begin
  std::deque<std::string> keys;  // unescaped, in the document's order
};

// For one scan of one text, which must outlive what scan() returns.
class JsonScanner {
 public:
  JsonScanner(std::string_view text, const JsonLimits& limits) : text_(text), limits_(limits) {}

  // Error: format-invalid with line, column and the path of the value in which the scan stopped.
  Result<ScannedJson> scan();

 private:
  // Each reads one thing at at_ and moves past it; false: error_ says why not.
  bool value(std::size_t depth);
  bool object(std::size_t depth);
  bool member(std::size_t depth);
  bool array(std::size_t depth);
  bool number();
  bool digits();
  bool word(std::string_view word, Json::Kind kind);
  bool string(std::string* unescaped);
  bool escape(std::string* unescaped);
  bool hexUnit(char32_t& unit);
  std::size_t plainLength() const;

  bool note(Json::Kind kind);
  bool open(std::size_t depth, Json::Kind kind);
  TextPlace place(std::size_t at);
  bool fail(std::size_t at, const std::string& what);
  bool expected(const std::string& what) { return fail(at_, "expected " + what + ", found " + found()); }
  std::string found() const;
  std::string path() const;
  void skipSpace();
  char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool atDigit() const { return here() >= '0' && here() <= '9'; }

  // Where the scan is: a member of the open object, or an element of the open array.
  struct Step {
    const std::string* key;
    std::size_t index;
  };

  std::string_view text_;
  JsonLimits limits_;
  std::size_t at_ = 0;
  TextPlace counted_{1, 1};  // of countedTo_, at or before at_ and on its line
  std::size_t countedTo_ = 0;
  std::vector<Step> steps_;
  ScannedJson scanned_;
  std::optional<Error> error_;
};

}  // namespace tenon::host
