// langid.exe --port PORT [--exits CODE WORDS] [--unhealthy] [--wait] [--late SECONDS]
// --wait: healthy as soon as its data folder has a file "healthy".
// A service as small as it gets: it answers /health, and ends when it is asked to as Windows services of Tenon are. It
// identifies no language.
#include <Poco/Event.h>
#include <Poco/NamedEvent.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace net = Poco::Net;

struct Options {
  std::string port;
  bool isHealthy = true, waits = false;
};

// `args` as the command line above says; what it tells to do first is done.
Options begin(const std::vector<std::string>& args) {
  Options options;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i] == "--port") options.port = args.at(++i);
    if (args[i] == "--unhealthy") options.isHealthy = false;
    if (args[i] == "--wait") options.waits = true;
    if (args[i] == "--late") std::this_thread::sleep_for(std::chrono::seconds(std::stoi(args.at(++i))));
    if (args[i] == "--exits") {
      std::fprintf(stderr, "%s\n", args.at(i + 2).c_str());
      std::exit(std::stoi(args[i + 1]));
    }
  }
  return options;
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

bool isHealthy(const Options& options) {
  return options.isHealthy && (!options.waits || std::filesystem::exists(variable("DATA_DIR") + "/healthy"));
}

struct Handler : net::HTTPRequestHandler {
  explicit Handler(const Options& told) : options(told) {}
  void handleRequest(net::HTTPServerRequest& request, net::HTTPServerResponse& response) override {
    const bool asksHealth = request.getURI() == "/health";
    const auto status = !asksHealth          ? net::HTTPResponse::HTTP_NOT_FOUND
                        : isHealthy(options) ? net::HTTPResponse::HTTP_OK
                                             : net::HTTPResponse::HTTP_SERVICE_UNAVAILABLE;
    response.setStatusAndReason(status);
    const std::string body = R"({"status": "OK", "version": ")" + variable("SERVICE_VERSION") + "\"}";
    response.sendBuffer(body.data(), body.size());
  }
  const Options& options;
};

struct Factory : net::HTTPRequestHandlerFactory {
  explicit Factory(const Options& told) : options(told) {}
  net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest&) override { return new Handler(options); }
  const Options& options;
};

}  // namespace

int main(int argc, char** argv) {
  const Options options = begin({argv + 1, argv + argc});
  net::HTTPServer server(new Factory(options), net::ServerSocket(net::SocketAddress("127.0.0.1", options.port)),
                         new net::HTTPServerParams);
  server.start();
  std::printf("langid %s on port %s\n", variable("SERVICE_VERSION").c_str(), options.port.c_str());
  std::fflush(stdout);
  Poco::NamedEvent(variable("TENON_STOP_EVENT")).wait();
  server.stop();
  std::puts("langid ends");
  return 0;
}
