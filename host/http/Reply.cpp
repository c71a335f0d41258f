#include "host/http/Reply.h"

#include <Poco/Net/HTTPResponse.h>
#include <Poco/Timestamp.h>

#include <sstream>

#include "host/base/Json.h"

namespace tenon::host {
namespace {

using Poco::Net::HTTPResponse;

std::string placeOf(const RangeChoice& range, std::uint64_t size) {
  return "bytes " + std::to_string(range.first) + "-" + std::to_string(range.first + range.count - 1) + "/" +
         std::to_string(size);
}

}  // namespace

void Reply::header(std::string_view name, std::string_view value) {
  if (isToken(name) && isHeaderValue(value)) {
    addHeader(std::string(name), std::string(value));
  } else {
    context_.log.error("http: a handler set a header that cannot be sent");
  }
}

// Exactly one answer: a second one is our own bug, and the first has been decided.
bool Reply::begin() {
  if (answered_) context_.log.error("http: a handler answered twice");
  return !std::exchange(answered_, true);
}

void Reply::json(int status, std::string_view text) { this->text(status, "application/json", text); }

void Reply::text(int status, std::string_view contentType, std::string_view body) {
  if (!begin()) return;
  status_ = status;
  addHeader("Content-Type", std::string(contentType));
  addHeader("Content-Length", std::to_string(body.size()));
  if (request_.method != "HEAD") body_ = body;
}

void Reply::empty(int status) {
  if (!begin()) return;
  status_ = status;
  if (status >= 200 && status != 204 && status != 304) addHeader("Content-Length", "0");
}

void Reply::problem(const Error& error) { fault(blamed_.value_or(httpStatus(error.code())), error); }

void Reply::fault(int status, const Error& error) {
  if (answered_) return;
  if (status == 401) addHeader("WWW-Authenticate", "Bearer");
  addHeader("Cache-Control", "no-store");
  JsonObject body;
  body.set("title", reasonPhrase(status))
      .set("status", status)
      .set("code", name(error.code()))
      .set("detail", error.message());
  if (!error.hint().empty()) body.set("hint", error.hint());
  if (!error.field().empty()) body.set("field", error.field());
  text(status, "application/problem+json", body.text());
}

void Reply::file(const Path& path, std::string_view contentType, std::string_view etag) {
  if (answered_) return;
  auto opened = FileBody::open(context_.files, path);
  if (!opened) return problem(opened.error());
  begin();
  if (!etag.empty()) addHeader("ETag", "\"" + std::string(etag) + "\"");
  addHeader("Accept-Ranges", "bytes");
  if (!request_.ifNoneMatch.empty() && matchesEtag(request_.ifNoneMatch, etag)) {
    status_ = 304;
    return;
  }
  const std::uint64_t size = opened->size();
  const bool ranged = request_.method == "GET" && !request_.range.empty() &&
                      (request_.ifRange.empty() || matchesIfRange(request_.ifRange, etag));
  if (ranged && request_.range.find(',') != std::string::npos) {
    const auto ranges = chooseRanges(request_.range, size);
    if (ranges.size() > 1) return sendParts(*std::move(opened), ranges, contentType);
  }
  const RangeChoice choice = ranged ? chooseRange(request_.range, size) : RangeChoice{RangeChoice::Kind::Whole, 0, size};
  if (choice.kind == RangeChoice::Kind::Unsatisfiable) {
    status_ = 416;
    addHeader("Content-Range", "bytes */" + std::to_string(size));
    addHeader("Content-Length", "0");
    return;
  }
  status_ = choice.kind == RangeChoice::Kind::Part ? 206 : 200;
  if (status_ == 206) addHeader("Content-Range", placeOf(choice, size));
  addHeader("Content-Type", std::string(contentType));
  addHeader("Content-Length", std::to_string(choice.count));
  if (request_.method == "HEAD") return;
  opened->choose({{"", choice.first, choice.count}});
  file_.emplace(*std::move(opened));
}

void Reply::stream(std::string_view contentType, std::unique_ptr<HttpStream> stream) {
  if (!begin()) return;
  status_ = 200;
  addHeader("Content-Type", std::string(contentType));
  addHeader("Cache-Control", "no-store");
  if (request_.method != "HEAD") stream_ = std::move(stream);
}

// multipart/byteranges: RFC 9110, 14.6.
void Reply::sendParts(FileBody file, const std::vector<RangeChoice>& ranges, std::string_view contentType) {
  const auto boundary = "tenon-" + std::to_string(context_.clock.wall().time_since_epoch().count());
  std::vector<FileBody::Section> sections;
  std::uint64_t length = 0;
  for (const auto& range : ranges) {
    sections.push_back({"\r\n--" + boundary + "\r\nContent-Type: " + std::string(contentType) +
                            "\r\nContent-Range: " + placeOf(range, file.size()) + "\r\n\r\n",
                        range.first, range.count});
    length += sections.back().text.size() + range.count;
  }
  sections.push_back({"\r\n--" + boundary + "--\r\n", 0, 0});
  length += sections.back().text.size();
  status_ = 206;
  addHeader("Content-Type", "multipart/byteranges; boundary=" + boundary);
  addHeader("Content-Length", std::to_string(length));
  file.choose(std::move(sections));
  file_.emplace(std::move(file));
}

std::string Reply::head(bool keepAlive) const {
  HTTPResponse response(static_cast<HTTPResponse::HTTPStatus>(status_));
  response.setVersion(HTTPResponse::HTTP_1_1);
  response.setDate(Poco::Timestamp(context_.clock.wall().time_since_epoch().count() * 1000));
  response.set("Server", context_.serverName);
  response.set("Connection", keepAlive ? "keep-alive" : "close");
  response.set("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : headers_) response.add(name, value);
  std::ostringstream out;
  response.write(out);
  return out.str();
}

Outgoing Reply::take(bool keepAlive) {
  std::string text = head(keepAlive) + body_;
  if (file_) return Outgoing(std::move(text), *std::move(file_));
  return Outgoing(std::move(text));
}

}  // namespace tenon::host
