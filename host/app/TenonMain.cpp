// Where the program begins on every platform: platform/<os>/entry.cpp calls this with UTF-8 arguments.
#include <Poco/Net/Net.h>
#include <iostream>
#include <string>
#include <vector>

#include "host/app/Servers.h"
#include "host/app/StaticAdapter.h"
#include "host/base/Clock.h"
#include "host/cli/CommandLine.h"

extern "C" int tenon_main(int argc, char** argv) {
  using namespace tenon::host;
  Poco::Net::initializeNetwork();
  StderrLog log(LogLevel::Warning);
  const auto adapter = openStaticAdapter(log);
  if (!adapter) {
    std::cerr << "error " << name(adapter.error().code()) << ": " << adapter.error().message() << '\n';
    return exitStatus(adapter.error().code());
  }
  const SystemClock clock;
  const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  Servers servers(**adapter, clock, arguments);
  Cli cli(**adapter, clock, servers, std::cout, std::cerr);
  return runCommandLine(cli, arguments);
}
