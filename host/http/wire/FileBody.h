// A file as the body of an answer: which part of it was asked for, and sending it without ever waiting for a slow reader.
// Today it is read and sent; sendfile() can take its place behind the same call.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/adapter/Files.h"
#include "host/http/wire/Sockets.h"

namespace tenon::host {

// RFC 9110, 14.2. What is no range at all means the whole file; for several ranges at once see chooseRanges.
struct RangeChoice {
  enum class Kind { Whole, Part, Unsatisfiable };
  Kind kind = Kind::Whole;
  std::uint64_t first = 0, count = 0;
};
RangeChoice chooseRange(std::string_view rangeHeader, std::uint64_t size);

// Several ranges, each within the file, in ascending order and without overlap: what a client that fetches pieces asks for.
// Empty for every other text: such a request is answered as one without Range, which the RFC allows.
std::vector<RangeChoice> chooseRanges(std::string_view rangeHeader, std::uint64_t size);

// If-None-Match: "*", or a list that holds the entity tag, weak ones alike. `etag` without quotes.
bool matchesEtag(std::string_view ifNoneMatch, std::string_view etag);
// If-Range: the very same strong tag. A date never matches: we send none.
bool matchesIfRange(std::string_view ifRange, std::string_view etag);

class FileBody {
 public:
  static Result<FileBody> open(Files& files, const Path& path);

  std::uint64_t size() const { return file_.size(); }
  // Text, and then a part of the file.
  struct Section {
    std::string text;
    std::uint64_t first = 0, count = 0;
  };
  void choose(std::vector<Section> sections) { sections_ = std::move(sections); }

  bool sent() const { return section_ == sections_.size(); }
  // Sends until the socket takes no more (false), `most` bytes have gone (true), or the end (true, and sent()).
  Result<bool> send(Socket& socket, std::uint64_t most);

 private:
  explicit FileBody(ReadFile file) : file_(std::move(file)) {}
  ReadFile file_;
  std::vector<Section> sections_;  // nothing, until choose()
  std::size_t section_ = 0;
  std::uint64_t at_ = 0;  // in the section: text first
};

}  // namespace tenon::host
