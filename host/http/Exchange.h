// One request from its complete head to its answer: parse, guard, route, handle. Runs on a worker; may wait for the
// request's body, never for the answer to be taken.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "host/http/HttpServer.h"
#include "host/http/Reply.h"
#include "host/http/wire/Outgoing.h"

namespace tenon::host {

struct Exchange {
  Outgoing answer;
  bool keepAlive = false;
  bool unread = false;   // the peer may still be sending: read on a while before closing, or the answer is lost
  std::string buffered;  // what was read beyond the request
  std::unique_ptr<HttpStream> stream;  // goes on after the answer; null where it has an end
};

// `head` ends with the empty line; `buffered` is what was read beyond it.
Exchange serveRequest(const Reply::Context& context, const Router& router, Socket& socket, std::string_view head,
                      std::string buffered);

// The answer to what is no request, or came too late. The connection is closed after it.
Exchange refuseRequest(const Reply::Context& context, int status, const std::string& why);

}  // namespace tenon::host
