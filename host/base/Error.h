// What went wrong, why, and what to do next. A value: made where the fault is seen, given context on the way up, and either
// returned or logged, never both.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "host/base/ErrorCode.h"

namespace tenon::host {

// In a text: both count from 1, columns in characters; 0 where it is not known.
struct TextPlace {
  std::uint32_t line = 0, column = 0;
  bool operator==(const TextPlace&) const = default;
};

class Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  ErrorCode code() const { return code_; }
  // One line, no code in it: "unpack nmt-zh-en 1.3.0: app/main.py: No space left on device".
  const std::string& message() const { return message_; }
  // What the reader can do about it. May be empty.
  const std::string& hint() const { return hint_; }
  // A dotted path into the document that is wrong ("platforms.linux-x64.exec.entry"). May be empty.
  const std::string& field() const { return field_; }
  // Where in that document's text.
  const TextPlace& place() const { return place_; }

  Error& withHint(std::string hint) & { return hint_ = std::move(hint), *this; }
  Error&& withHint(std::string hint) && { return hint_ = std::move(hint), std::move(*this); }
  Error&& withField(std::string field) && { return field_ = std::move(field), std::move(*this); }
  Error&& withPlace(TextPlace place) && { return place_ = place, std::move(*this); }
  // Puts what was being done before the message.
  Error&& withContext(const std::string& doing) && { return message_ = doing + ": " + message_, std::move(*this); }

 private:
  ErrorCode code_;
  std::string message_, hint_, field_;
  TextPlace place_;
};

}  // namespace tenon::host
