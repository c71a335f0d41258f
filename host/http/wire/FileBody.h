// A file as the body of an answer: which part of it was asked for, and sending it without ever waiting for a slow reader.
// Today it is read and sent; sendfile() can take its place behind the same call.
#pragma once

#include <cstdint>
#include <string_view>

#include "host/adapter/Files.h"
#include "host/http/wire/Sockets.h"

namespace tenon::host {

// RFC 9110, 14.2. Several ranges at once and what is no range at all mean the whole file.
struct RangeChoice {
  enum class Kind { Whole, Part, Unsatisfiable };
  Kind kind = Kind::Whole;
  std::uint64_t first = 0, count = 0;
};
RangeChoice chooseRange(std::string_view rangeHeader, std::uint64_t size);

// If-None-Match: "*", or a list that holds the entity tag, weak ones alike. `etag` without quotes.
bool matchesEtag(std::string_view ifNoneMatch, std::string_view etag);
// If-Range: the very same strong tag. A date never matches: we send none.
bool matchesIfRange(std::string_view ifRange, std::string_view etag);

class FileBody {
 public:
  static Result<FileBody> open(Files& files, const Path& path);

  std::uint64_t size() const { return file_.size(); }
  void choose(std::uint64_t first, std::uint64_t count) { at_ = first, end_ = first + count; }

  bool sent() const { return at_ == end_; }
  // Sends until the socket takes no more (false), `most` bytes have gone (true), or the end (true, and sent()).
  Result<bool> send(Socket& socket, std::uint64_t most);

 private:
  explicit FileBody(ReadFile file) : file_(std::move(file)), end_(file_.size()) {}
  ReadFile file_;
  std::uint64_t at_ = 0, end_;
};

}  // namespace tenon::host
