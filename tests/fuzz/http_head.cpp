// Heads of requests and answers, and the texts that stand in them.
#include "host/base/Limits.h"
#include "host/base/Utf8.h"
#include "host/http/wire/MessageHead.h"
#include "tests/fuzz/Fuzz.h"

namespace tenon::host {
namespace {

void mustBePlain(const HttpHeaders& headers) {
  must(headers.size() <= limits::kHttpHeaderFields, "never more headers than may be");
  for (const auto& [name, value] : headers) {
    must(isToken(name), "a header's name is a word");
    must(isHeaderValue(value), "a header's value ends no line");
  }
}

std::size_t count(const HttpHeaders& headers, std::string_view name) {
  std::size_t found = 0;
  for (const auto& header : headers) found += equalsIgnoringCase(header.first, name);
  return found;
}

// Nobody else can see another end of the body in the same headers.
void mustBeFramedOnce(const HttpHeaders& headers, const BodyFraming& body) {
  must(count(headers, "Content-Length") + count(headers, "Transfer-Encoding") <= 1, "one header says where the body ends");
  if (body.kind == BodyFraming::Kind::Length) {
    must(body.length > 0 && count(headers, "Content-Length") == 1, "a length was given");
  }
  if (body.kind == BodyFraming::Kind::Chunked) must(count(headers, "Transfer-Encoding") == 1, "chunks were announced");
}

void mustBeSafe(const RequestHead& head) {
  must(isToken(head.method), "a method is a word");
  must(head.path.starts_with('/') && isUtf8(head.path), "a path begins with '/' and is UTF-8");
  must(head.path.find("//") == std::string::npos && head.path.find('\\') == std::string::npos, "no two readings of a path");
  must((head.path + "/").find("/../") == std::string::npos, "no path leads upwards");
  must((head.path + "/").find("/./") == std::string::npos, "no path has a part that is nothing");
  for (const char c : head.path) must(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "no path has control characters");
  must(decodePercent(head.query, true).has_value(), "a query can be decoded");
  must(count(head.headers, "Host") <= 1, "one Host at most");
}

// The request as we would write it is the same request.
void mustSurviveWriting(const RequestHead& head, std::string_view text) {
  const auto target = text.substr(text.find(' ') + 1);
  std::string again = head.method + " " + std::string(target.substr(0, target.find("\r\n"))) + "\r\n";
  for (const auto& [name, value] : head.headers) again += name + ": " + value + "\r\n";
  const auto read = readRequestHead(again + "\r\n");
  must(read.has_value(), "what was read can be read again");
  must(read->method == head.method && read->path == head.path && read->query == head.query, "the same request");
  must(read->headers == head.headers && read->keepAlive == head.keepAlive, "the same headers");
  must(read->body.kind == head.body.kind && read->body.length == head.body.length, "the same end of the body");
}

}  // namespace
}  // namespace tenon::host

using namespace tenon::host;

TENON_FUZZ(text) {
  if (const auto request = readRequestHead(text); request) {
    mustBePlain(request->headers);
    mustBeFramedOnce(request->headers, request->body);
    mustBeSafe(*request);
    mustSurviveWriting(*request, text);
    findQuery(request->query, "name");
    must(!readRequestHead(std::string(text) + "x"), "nothing follows a head");
  } else {
    must(request.error().status >= 400 && request.error().status < 600, "a refusal is an HTTP error");
    must(isHeaderValue(request.error().why), "a refusal is one line");
  }
  for (const auto* method : {"GET", "HEAD"}) {
    const auto answer = readResponseHead(text, method);
    if (!answer) continue;
    mustBePlain(answer->headers);
    must(answer->status >= 100 && answer->status <= 999, "a status has three digits");
    const bool bodiless = std::string_view(method) == "HEAD" || answer->status < 200;
    if (bodiless) must(answer->body.kind == BodyFraming::Kind::None, "no body where there is none");
    if (answer->body.kind != BodyFraming::Kind::None) mustBeFramedOnce(answer->headers, answer->body);
  }
}
