// The service that RealProcessTest runs. It serves on SERVICE_PORT, and behaves as MODE says:
//   sick      it answers 503
//   broken    it ends with 3
//   stubborn  it does not end when it is asked to
//   forks     a grandchild, of a session of its own, does not end when it is asked to; it listens on the port in
//   DATA_DIR/lingers
// Its copy named "check" is its health program, that named "nvidia-smi" has 4096 MiB free; with the argument "prepare" it is
// its prepare step.
#include <Poco/Event.h>
#include <Poco/NamedEvent.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Process.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#else
#include <unistd.h>
#endif

namespace {

namespace net = Poco::Net;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

const net::SocketAddress serviceAddress() { return {"127.0.0.1", variable("SERVICE_PORT")}; }
const std::string lingers() { return variable("DATA_DIR") + "/lingers"; }

struct Handler : net::HTTPRequestHandler {
  void handleRequest(net::HTTPServerRequest&, net::HTTPServerResponse& response) override {
    if (variable("MODE") == "sick") response.setStatusAndReason(net::HTTPResponse::HTTP_SERVICE_UNAVAILABLE);
    response.setContentLength(0);
    response.send();
  }
};

struct Factory : net::HTTPRequestHandlerFactory {
  net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest&) override { return new Handler; }
};

[[noreturn]] void waitForever() {
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

[[noreturn]] void waitForTheStop() {
#ifdef _WIN32
  Poco::NamedEvent(variable("TENON_STOP_EVENT")).wait();
  std::_Exit(0);
#else
  waitForever();  // its signal ends it
#endif
}

// The port appears in its file whole.
[[noreturn]] void stay() {
#ifndef _WIN32
  ::setsid();
  std::signal(SIGTERM, SIG_IGN);
#endif
  const net::ServerSocket socket(net::SocketAddress("127.0.0.1", 0));
  std::ofstream(lingers() + ".part") << socket.address().port();
  std::filesystem::rename(lingers() + ".part", lingers());
  waitForever();
}

[[noreturn]] void serve() {
  const std::string mode = variable("MODE");
#ifndef _WIN32
  if (mode == "stubborn") std::signal(SIGTERM, SIG_IGN);
#endif
  net::HTTPServer server(new Factory, net::ServerSocket(serviceAddress()), new net::HTTPServerParams);
  server.start();
  std::printf("serving on %s\n", variable("SERVICE_PORT").c_str());
  std::fflush(stdout);
  if (mode == "stubborn") waitForever();
  waitForTheStop();
}

int check() {
  net::HTTPClientSession session(serviceAddress());
  net::HTTPRequest request(net::HTTPRequest::HTTP_GET, "/health");
  session.sendRequest(request);
  net::HTTPResponse response;
  session.receiveResponse(response);
  return response.getStatus() == net::HTTPResponse::HTTP_OK ? 0 : 1;
}

int prepare() {
  std::ofstream(variable("DATA_DIR") + "/done") << "done";
  std::puts("prepared");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
#ifdef _WIN32
  ::_setmode(1, _O_BINARY);  // lines end as they are written
#endif
  const std::string self = argv[0];
  const std::string asked = argc > 1 ? argv[1] : "";
  if (std::filesystem::path(self).stem() == "check") return check();
  if (std::filesystem::path(self).stem() == "nvidia-smi")
    return asked == "--query-gpu=memory.free" ? std::puts("4096"), 0 : 1;
  if (asked == "prepare") return prepare();
  if (asked == "stay") stay();
  if (asked == "fork") return static_cast<void>(Poco::Process::launch(self, {"stay"})), 0;
  if (variable("MODE") == "broken") return 3;
  if (variable("MODE") == "forks") {
    Poco::Process::launch(self, {"fork"}).wait();
    while (!std::filesystem::exists(lingers())) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  serve();
}
