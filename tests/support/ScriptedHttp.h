// A hub of which every answer is written by the test: no sockets, no time but the test's own clock.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <string>
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

  // A server that holds one object, with Range, If-Range and ETag as they should be.
  static ScriptedAnswer serve(const HttpRequestOptions& request, const std::string& object, const std::string& etag) {
    ScriptedAnswer answer;
    answer.headers = {{"ETag", etag}};
    const auto range = headerOf(request, "Range"), ifRange = headerOf(request, "If-Range");
    const bool whole = range.empty() || (!ifRange.empty() && ifRange != etag);
    const std::size_t from = whole ? 0 : std::stoul(range.substr(6));
    if (!whole) {
      answer.status = 206;
      answer.headers.emplace_back(
          "Content-Range",
          "bytes " + std::to_string(from) + "-" + std::to_string(object.size() - 1) + "/" + std::to_string(object.size()));
    }
    answer.body = object.substr(from);
    answer.headers.emplace_back("Content-Length", std::to_string(answer.body.size()));
    return answer;
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
