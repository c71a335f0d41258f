#include "tests/journey/WebServer.h"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

#include <filesystem>

namespace tenon::host {

namespace {

namespace net = Poco::Net;

struct SendFile : net::HTTPRequestHandler {
  explicit SendFile(const std::vector<std::string>& served) : folders(served) {}
  void handleRequest(net::HTTPServerRequest& request, net::HTTPServerResponse& response) override {
    for (const auto& folder : folders) {
      const std::string file = folder + request.getURI();
      if (std::filesystem::is_regular_file(file)) return response.sendFile(file, "application/octet-stream");
    }
    response.setStatusAndReason(net::HTTPResponse::HTTP_NOT_FOUND);
    response.sendBuffer("", 0);
  }
  const std::vector<std::string>& folders;
};

struct Factory : net::HTTPRequestHandlerFactory {
  explicit Factory(std::vector<std::string> served) : folders(std::move(served)) {}
  net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest&) override { return new SendFile(folders); }
  const std::vector<std::string> folders;
};

}  // namespace

struct WebServer::Parts {
  net::HTTPServer server;
};

WebServer::WebServer(const std::string& port, std::vector<std::string> folders)
    : parts_(new Parts{.server = {new Factory(std::move(folders)), net::ServerSocket(net::SocketAddress("127.0.0.1", port)),
                                  new net::HTTPServerParams}}) {
  parts_->server.start();
}

WebServer::~WebServer() { parts_->server.stopAll(true); }

}  // namespace tenon::host
