// HTTP/1.1 server on a fixed number of threads. One thread polls every connection and reads bounded headers under a
// deadline; a worker is taken only for a request whose header is complete, and given back before the connection waits for
// its next one. So ten thousand idle clients cost no thread. (Why not Poco's HTTPServer: docs/adr.)
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "host/adapter/Files.h"
#include "host/base/Clock.h"
#include "host/base/Log.h"
#include "host/base/WorkerPool.h"
#include "host/http/HttpClient.h"

namespace tenon::host {

// What a handler reads. Lives for the call.
class HttpRequest {
 public:
  virtual ~HttpRequest() = default;
  virtual const std::string& method() const = 0;
  virtual const std::string& path() const = 0;                 // decoded once; no "..", no empty parts, begins with '/'
  virtual std::string query(std::string_view name) const = 0;  // decoded; "" where absent
  virtual std::string header(std::string_view name) const = 0;
  virtual std::string pathParameter(std::string_view name) const = 0;  // of the route: {id}
  // The whole body; limit-exceeded past `most`.
  virtual Result<std::string> body(std::size_t most) = 0;
  // Piece by piece, for uploads; 0 at the end.
  virtual Result<std::size_t> readBody(char* into, std::size_t most) = 0;
};

// An answer without an end, for whoever wants to be told. It is asked for what has come when the server is told that
// something has, and again once the reader has taken that: so a slow reader costs a place in what is read from, and no queue
// of its own.
class HttpStream {
 public:
  virtual ~HttpStream() = default;
  // What comes next, some KiB at a time; "": nothing for now. On the server's thread: never waits.
  virtual std::string next() = 0;
  // What is sent after a while without anything, so that a reader that is gone is noticed.
  virtual std::string_view sign() const = 0;
};

// What a handler answers: exactly one of these, once.
class HttpReply {
 public:
  virtual ~HttpReply() = default;
  virtual void header(std::string_view name, std::string_view value) = 0;  // before the answer
  virtual void json(int status, std::string_view text) = 0;
  virtual void text(int status, std::string_view contentType, std::string_view body) = 0;
  virtual void empty(int status) = 0;
  // RFC 9457 application/problem+json from the error's code.
  virtual void problem(const Error& error) = 0;
  // A file with ETag, Range (single, suffix too; several in order), If-None-Match, If-Range, HEAD. `etag` without its
  // quotes.
  virtual void file(const Path& path, std::string_view contentType, std::string_view etag) = 0;
  // 200, and then all that comes, until the reader or the server ends the connection.
  virtual void stream(std::string_view contentType, std::unique_ptr<HttpStream> stream) = 0;
};

using HttpHandler = std::function<void(HttpRequest&, HttpReply&)>;

// "/v1/services/{id}/start": `{name}` is one part. Exact parts win over parameters.
class Router {
 public:
  void add(std::string_view method, std::string_view pattern, HttpHandler handler);
  // Runs before every handler (authorisation, Host check); an error is the answer.
  void guard(std::function<Result<void>(const HttpRequest&)> guard) { guard_ = std::move(guard); }

 private:
  friend class RouterDispatch;
  struct Route {
    std::string method, pattern;
    std::vector<std::string> parts;
    HttpHandler handler;
  };
  std::vector<Route> routes_;
  std::function<Result<void>(const HttpRequest&)> guard_;
};

// One request that was answered by a route or for want of one.
struct HttpAnswered {
  std::string_view route;  // its pattern; "" where none fitted
  int status = 0;
  Micros took{0};  // from the whole head to the answer, which is sent after that
};

class HttpServer {
 public:
  struct Config {
    std::string address;  // "127.0.0.1:0", "[::1]:8080", or "unix:/path" (made with owner-only access in a private folder)
    std::string serverName = "tenon";
    std::size_t connections = limits::kHttpConnections;  // past these: 503
    std::function<void(const HttpAnswered&)> answered;   // on the worker's thread; may be none
  };
  // All outlive the server; the pool must go on running while stop() waits for it.
  struct Collaborators {
    Files& files;
    WorkerPool& pool;
    const Clock& clock;
    Log& log;
  };

  // Binds and listens; port-taken, denied. Serves from start() on.
  static Result<std::unique_ptr<HttpServer>> listen(const Config& config, Collaborators with, Router router);
  virtual ~HttpServer() = default;  // stops, closes every connection
  virtual void start() = 0;
  // Handlers that run are finished, and what fits of their answers is sent; then every connection is closed. Never from a
  // handler.
  virtual void stop() = 0;
  // Any thread, and cheap: something has come for streams.
  virtual void wakeStreams() = 0;
  virtual std::string address() const = 0;  // with the real port: "127.0.0.1:38211"
};

}  // namespace tenon::host
