// A hub of which every answer is written by the test: no sockets, no time but the test's own clock.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "host/http/HttpClient.h"
#include "tests/support/FakeClock.h"

namespace tenon::host {

struct ScriptedAnswer {
  int status = 200;
  HttpHeaders headers;
  std::string body;
  std::optional<std::size_t> cutAfter;  // bytes of the body after which the connection is lost
  std::optional<Error> unreachable;     // instead of an answer
  std::size_t pieceBytes = 4096;
  Micros perPiece{0};  // how long each piece takes
};

class ScriptedHttp final : public HttpClient {
 public:
  using Server = std::function<ScriptedAnswer(const HttpRequestOptions&)>;

  explicit ScriptedHttp(FakeClock& clock) : clock_(clock) {}

  // Answers in order; what is asked after them, by `otherwise`.
  std::deque<ScriptedAnswer> answers;
  Server otherwise = [](const HttpRequestOptions& request) {
    ADD_FAILURE() << "unexpected request for " << request.url;
    return ScriptedAnswer{};
  };
  std::vector<HttpRequestOptions> requests;

  static std::string headerOf(const HttpRequestOptions& request, std::string_view name) {
    for (const auto& [key, value] : request.headers) {
      if (key == name) return value;
    }
    return "";
  }

  // A server that holds one object, with Range, If-Range and ETag as they should be. Several ranges are answered as
  // multipart/byteranges.
  static ScriptedAnswer serve(const HttpRequestOptions& request, const std::string& object, const std::string& etag) {
    ScriptedAnswer answer;
    answer.headers = {{"ETag", etag}};
    const auto range = headerOf(request, "Range"), ifRange = headerOf(request, "If-Range");
    const bool whole = range.empty() || (!ifRange.empty() && ifRange != etag);
    answer.body = object;
    if (!whole) {
      answer.status = 206;
      const auto parts = partsOf(range.substr(6), object.size());
      if (parts.size() == 1) {
        answer.headers.emplace_back("Content-Range", placeOf(parts[0], object.size()));
        answer.body = object.substr(parts[0].first, parts[0].second);
      } else {
        answer.headers.emplace_back("Content-Type", "multipart/byteranges; boundary=THIS");
        answer.body = multipart(parts, object);
      }
    }
    answer.headers.emplace_back("Content-Length", std::to_string(answer.body.size()));
    return answer;
  }
  using Part = std::pair<std::size_t, std::size_t>;  // from, count
  static std::vector<Part> partsOf(const std::string& ranges, std::size_t size) {
    std::vector<Part> parts;
    std::istringstream in(ranges);
    for (std::string each; std::getline(in, each, ',');) {
      const auto dash = each.find('-');
      const std::size_t from = std::stoul(each);
      const std::size_t last = dash + 1 < each.size() ? std::stoul(each.substr(dash + 1)) : size - 1;
      parts.emplace_back(from, std::min(last, size - 1) - from + 1);
    }
    return parts;
  }
  static std::string placeOf(const Part& part, std::size_t size) {
    return "bytes " + std::to_string(part.first) + "-" + std::to_string(part.first + part.second - 1) + "/" +
           std::to_string(size);
  }
  static std::string multipart(const std::vector<Part>& parts, const std::string& object) {
    std::string body;
    for (const auto& part : parts) {
      body += "\r\n--THIS\r\nContent-Type: application/zip\r\nContent-Range: " + placeOf(part, object.size()) + "\r\n\r\n" +
              object.substr(part.first, part.second);
    }
    return body + "\r\n--THIS--\r\n";
  }

  Result<HttpResponse> fetch(const HttpRequestOptions& request, std::size_t most) override {
    std::string body;
    auto response = stream(request, {}, [&](std::string_view bytes) -> Result<void> {
      body += bytes;
      return body.size() > most ? Result<void>(Error(ErrorCode::NetworkProtocol, "too large")) : Result<void>();
    });
    if (response) response->body = body;
    return response;
  }

  Result<HttpResponse> stream(const HttpRequestOptions& request, const HttpHeadCheck& head,
                              const HttpBodySink& body) override {
    requests.push_back(request);
    ScriptedAnswer answer;
    if (answers.empty()) {
      answer = otherwise(request);
    } else {
      answer = answers.front();
      answers.pop_front();
    }
    if (answer.unreachable) return *answer.unreachable;
    HttpResponse response{answer.status, answer.headers, ""};
    if (head) TENON_CHECK(head(response));
    const auto sent = std::min(answer.body.size(), answer.cutAfter.value_or(answer.body.size()));
    for (std::size_t at = 0; at < sent; at += answer.pieceBytes) {
      clock_.advance(answer.perPiece);
      TENON_CHECK(body(std::string_view(answer.body).substr(at, std::min(answer.pieceBytes, sent - at))));
    }
    if (answer.cutAfter) return Error(ErrorCode::NetworkProtocol, "the connection was lost");
    return response;
  }

 private:
  FakeClock& clock_;
};

}  // namespace tenon::host
