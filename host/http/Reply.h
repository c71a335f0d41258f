// Collects a handler's answer, to be sent once the handler has returned.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/http/HttpServer.h"
#include "host/http/wire/MessageHead.h"
#include "host/http/wire/Outgoing.h"

namespace tenon::host {

// One exchange, one thread.
class Reply final : public HttpReply {
 public:
  struct Context {
    Files& files;
    const Clock& clock;
    Log& log;
    const std::string& serverName;
    const std::function<void(const HttpAnswered&)>& answered;
  };
  // What of the request shapes its answer.
  struct Request {
    std::string method;
    std::string range, ifRange, ifNoneMatch;
  };
  Reply(const Context& context, Request request) : context_(context), request_(std::move(request)) {}

  void header(std::string_view name, std::string_view value) override;
  void json(int status, std::string_view text) override;
  void text(int status, std::string_view contentType, std::string_view body) override;
  void empty(int status) override;
  void problem(const Error& error) override;
  void file(const Path& path, std::string_view contentType, std::string_view etag) override;
  void stream(std::string_view contentType, std::unique_ptr<HttpStream> stream) override;

  // As problem(), with a status of its own.
  void fault(int status, const Error& error);
  // A fault of the request's body decides the status of the problem that the handler reports.
  void blame(int status) { blamed_ = status; }

  bool answered() const { return answered_; }
  int status() const { return status_; }
  // What goes on after the answer, where it is one without an end; its end is that of the connection. Once.
  std::unique_ptr<HttpStream> takeStream() { return std::move(stream_); }
  // The answer; `keepAlive` goes into its Connection header.
  Outgoing take(bool keepAlive);

 private:
  bool begin();
  void sendParts(FileBody file, const std::vector<RangeChoice>& ranges, std::string_view contentType);
  void addHeader(std::string name, std::string value) { headers_.emplace_back(std::move(name), std::move(value)); }
  std::string head(bool keepAlive) const;

  const Context& context_;
  Request request_;
  HttpHeaders headers_;
  int status_ = 500;
  std::string body_;
  std::optional<FileBody> file_;
  std::unique_ptr<HttpStream> stream_;
  std::optional<int> blamed_;
  bool answered_ = false;
};

}  // namespace tenon::host
