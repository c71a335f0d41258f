// What a hub answers to a request for parts of a file: one part, or several as multipart/byteranges (RFC 9110, 14.6), read
// as an attacker's text. Only what was asked for passes, in the order in which it was asked: parts that overlap, come twice
// or come out of order are refused before their bytes are used. Internal to package; one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/http/HttpClient.h"

namespace tenon::host {

struct ByteRange {
  std::uint64_t first = 0, count = 0;
  std::uint64_t end() const { return first + count; }
  bool operator==(const ByteRange&) const = default;
};

// "bytes=0-99,200-299"
std::string rangeHeader(const std::vector<ByteRange>& ranges);

class RangeAnswer {
 public:
  // `asked` is not empty and in order; `size` of the whole file; `sink` gets the asked bytes, one after another.
  RangeAnswer(std::vector<ByteRange> asked, std::uint64_t size, HttpBodySink sink)
      : asked_(std::move(asked)), size_(size), sink_(std::move(sink)) {}

  // Looks at the head of a 206. Where only the first part was answered, the rest was not asked for. network-protocol.
  Result<void> begin(const HttpResponse& head);
  Result<void> take(std::string_view bytes);  // network-protocol, the sink's

  // All that the answer promised has come.
  bool complete() const { return next_ == asked_.size() && left_ == 0; }
  bool onlyFirst() const { return onlyFirst_; }
  bool isMultipart() const { return !boundary_.empty(); }

 private:
  enum class State { Single, Delimiter, Headers, Data, End };
  Result<void> beginMultipart(const std::string& contentType);
  Result<void> takeData(std::string_view& bytes);
  Result<bool> takeText();
  Result<bool> takeDelimiter();
  Result<bool> takeHeaders();
  Result<void> checkContentRange(std::string_view text);

  std::vector<ByteRange> asked_;
  std::uint64_t size_;
  HttpBodySink sink_;
  State state_ = State::Single;
  std::string boundary_;  // with the "--" before it
  std::string text_;      // of delimiters and headers, until they are whole
  std::size_t next_ = 0;  // of asked_
  std::uint64_t left_ = 0;
  std::uint64_t ended_ = 0;
  bool onlyFirst_ = false;
};

}  // namespace tenon::host
