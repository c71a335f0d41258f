// A plain web server: what is asked for is sent from the first of some folders that has it, else 404.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace tenon::host {

class WebServer {
 public:
  // Serves at 127.0.0.1 until its end; throws where the port is taken.
  WebServer(const std::string& port, std::vector<std::string> folders);
  ~WebServer();
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace tenon::host
