#include "tests/journey/programs/RealProgram.h"

#include <Poco/Exception.h>
#include <Poco/Net/ServerSocket.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

namespace fs = std::filesystem;

namespace tenon::host {

namespace {

bool pointsBelow(const fs::path& link, const std::string& folder) {
  std::error_code gone;
  return fs::read_symlink(link, gone).string().starts_with(folder + "/");
}

bool canBeListenedOn(const std::string& port) {
  try {
    const Poco::Net::ServerSocket socket(Poco::Net::SocketAddress("127.0.0.1", port));
    return true;
  } catch (const Poco::Exception&) {
    return false;
  }
}

}  // namespace

std::string RealProgram::source(const std::string& name) {
  return std::string(TENON_SOURCE_DIR) + "/tests/journey/programs/" + name;
}

std::string RealProgram::package(const std::string& service, const std::string& version, const std::string& json) {
  const std::string folder = path(service + "-" + version);
  fs::create_directories(folder);
  writeText(folder + "/service.json", json);
  replaceIn(folder + "/service.json", "VERSION", version);
  return folder;
}

Outcome RealProgram::upgradeTo(const std::string& folder, int sequence) {
  publish(folder, sequence);
  const std::string service = fs::path(folder).filename().string();
  return tenon("upgrade " + service.substr(0, service.rfind('-')));
}

long RealProgram::mainPid(const std::string& service) const {
  const std::string pid = member(service, "pid");
  return pid.empty() ? 0 : std::stol(pid);
}

std::set<long> RealProgram::processes(const std::string& service) const {
  std::set<long> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    if (!std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; })) continue;
    for (const auto* link : {"cwd", "exe", "fd/1", "fd/2"}) {
      if (pointsBelow(entry.path() / link, serviceFolder(service))) found.insert(std::stol(name));
    }
  }
  return found;
}

bool RealProgram::haveEnded(const std::string& service, const std::set<long>& those) const {
  const auto now = processes(service);
  return std::none_of(those.begin(), those.end(), [&](long pid) { return now.contains(pid); });
}

void RealProgram::expectToStopWithoutTrace(const std::string& service) {
  const std::string port = member(service, "port");
  const auto stopped = tenon("stop " + service);
  EXPECT_EQ(stopped.status, 0) << stopped.out << stopped.err;
  EXPECT_EQ(member(service, "state"), "stopped");
  EXPECT_EQ(processes(service), std::set<long>());
  // By somebody else it may be taken at this moment, but not for long.
  EXPECT_TRUE(eventually([&] { return canBeListenedOn(port); })) << port;
}

void RealProgram::expectToOutliveTheAgent(const std::string& service, const std::string& target) {
  // Some servers fork for each question, health checks' too: such a process is gone at one of the next looks.
  const auto before = status(service);
  std::set<long> all = processes(service);
  for (int look = 0; look < 3; ++look) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    const auto now = processes(service);
    std::erase_if(all, [&](long pid) { return !now.contains(pid); });
  }
  ASSERT_FALSE(all.empty());
  const auto areTheSame = [&] { return processes(service) == all; };
  endAgent(End::Killed);
  EXPECT_NE(get(before.at("port"), target), "");
  EXPECT_TRUE(eventually(areTheSame));
  startAgent();
  ASSERT_TRUE(eventually([&] { return member(service, "state") == "ready"; })) << member(service, "why");
  EXPECT_TRUE(eventually(areTheSame));
  EXPECT_EQ(member(service, "pid"), before.at("pid"));
  EXPECT_EQ(member(service, "port"), before.at("port"));
}

}  // namespace tenon::host
