// Finds the handler of a path. Read-only; any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "host/http/HttpServer.h"

namespace tenon::host {

class RouterDispatch {
 public:
  explicit RouterDispatch(const Router& router) : router_(router) {}

  struct Match {
    const HttpHandler* handler = nullptr;  // null: no such path, or not with this method
    std::string_view pattern;              // of the route; lives as long as the router
    std::map<std::string, std::string, std::less<>> parameters;
    std::string allow;  // "GET, HEAD": empty where there is no such path
  };
  Match find(std::string_view method, std::string_view path) const;
  std::vector<std::string> routes() const;  // "GET /v1/services/{id}"
  Result<void> guard(const HttpRequest& request) const;

 private:
  const Router& router_;
};

}  // namespace tenon::host
