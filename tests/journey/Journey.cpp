#include "tests/journey/Journey.h"

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Process.h>
#include <Poco/StreamCopier.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace fs = std::filesystem;

namespace tenon::host {

namespace {

const std::string kTenon = TENON_PROGRAM;
const std::string kSource = TENON_SOURCE_DIR;

// Made once a build, since it takes packages from outside: "" where those cannot be had.
std::string madeOnce(const std::string& script, const std::string& name) {
  const std::string target = std::string(TENON_BINARY_DIR) + "/journey/" + name;
  if (fs::exists(target)) return target;
  fs::create_directories(fs::path(target).parent_path());
  const auto made =
      shell(kSource + "/samples/packages/" + script + " " + target + ".part && mv " + target + ".part " + target);
  if (made.status != 0) shell("rm -rf " + target + ".part");
  return made.status == 0 ? target : "";
}

}  // namespace

Outcome shell(const std::string& command) {
  const TempFolder scratch;
  const std::string out = scratch.text() + "/out", err = scratch.text() + "/err";
  const int raw = std::system(("{ " + command + "\n} >" + out + " 2>" + err + " </dev/null").c_str());
  return {WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw), readText(out), readText(err)};
}

std::string readText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void writeText(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

void flipByte(const std::string& path, long offset) {
  std::string text = readText(path);
  ASSERT_FALSE(text.empty()) << path;
  const auto at = offset >= 0 ? static_cast<std::size_t>(offset) : text.size() - static_cast<std::size_t>(-offset);
  text.at(at) = static_cast<char>(text.at(at) ^ 1);
  writeText(path, text);
}

void replaceIn(const std::string& path, const std::string& from, const std::string& to) {
  std::string text = readText(path);
  const auto at = text.find(from);
  ASSERT_NE(at, std::string::npos) << path << " has no " << from;
  writeText(path, text.replace(at, from.size(), to));
}

std::string snapshot(const std::string& folder) {
  const std::string all = "find . -path ./logs -prune -o";
  return shell("cd " + folder + " && " + all + " -printf '%p %y %m %l\\n' | sort && " + all +
               " -type f -exec sha256sum {} + | sort -k2")
      .out;
}

bool isRunning(long pid) { return pid > 0 && fs::exists("/proc/" + std::to_string(pid)); }

bool eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 600; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

Journey::Journey() : root_(path("node")) {
  EXPECT_EQ(tenon("key gen --out " + path("release")).status, 0);
  fs::create_directories(root_);
}

Journey::~Journey() {
  if (agent_ != 0) {
    for (const auto& entry : fs::directory_iterator(root_ + "/services"))
      tenon("remove --purge " + entry.path().filename().string());
    endAgent(SIGTERM);
  }
  stopHub();
}

Outcome Journey::tenon(const std::string& arguments) const { return shell(kTenon + " --root " + root_ + " " + arguments); }

long Journey::launch(const std::string& command, const std::string& log) {
  return Poco::Process::launch("/bin/sh", {"-c", "exec " + command + " >>" + log + " 2>&1 </dev/null"}).id();
}

void Journey::startHub(const std::string& options) {
  writeText(path("hub.log"), "");
  hub_ = launch(kTenon + " hub serve --data " + path("hub") + " --listen " +
                    (hubAddress_.empty() ? "127.0.0.1:0" : hubAddress_) + " " + options,
                path("hub.log"));
  ASSERT_TRUE(eventually([&] { return readText(path("hub.log")).find("token file") != std::string::npos; }))
      << readText(path("hub.log"));
  const std::string log = readText(path("hub.log"));
  const auto begin = log.rfind("http://") + 7;
  hubAddress_ = log.substr(begin, log.find('\n', begin) - begin);
}

void Journey::startWebServer(const std::string& folder) {
  const std::string port = hubAddress_.substr(hubAddress_.rfind(':') + 1);
  hub_ = launch("python3 -m http.server " + port + " --bind 127.0.0.1 --directory " + folder, path("web.log"));
  ASSERT_TRUE(eventually([&] { return !get(port, "/").empty(); })) << readText(path("web.log"));
}

void Journey::stopHub() {
  if (hub_ == 0) return;
  ::kill(static_cast<pid_t>(hub_), SIGTERM);
  ::waitpid(static_cast<pid_t>(hub_), nullptr, 0);
  hub_ = 0;
}

void Journey::startAgent(const std::string& options) {
  const std::string hub = hubAddress_.empty() ? "" : " --hub " + hubUrl();
  agent_ = launch(kTenon + " --root " + root_ + " agent --trust " + trust_ + hub + " " + options, path("agent.log"));
  const auto answers = [&] { return readText(root_ + "/run/agent.json").find(std::to_string(agent_)) != std::string::npos; };
  ASSERT_TRUE(eventually([&] { return answers() || ::waitpid(static_cast<pid_t>(agent_), nullptr, WNOHANG) != 0; }));
  ASSERT_TRUE(answers()) << readText(path("agent.log"));
}

void Journey::endAgent(int signal) {
  ::kill(static_cast<pid_t>(agent_), signal);
  ::waitpid(static_cast<pid_t>(agent_), nullptr, 0);
  agent_ = 0;
}

long Journey::agentPid() const { return agent_; }

std::string Journey::langid(const std::string& version) {
  const std::string folder = path("langid-" + version);
  fs::copy(kSource + "/samples/services/langid", folder, fs::copy_options::recursive);
  replaceIn(folder + "/service.json", "\"1.0.0\"", "\"" + version + "\"");
  replaceIn(folder + "/service.json", "\"probation_ms\": 1000, \"drain_ms\": 1000",
            "\"probation_ms\": 200, \"drain_ms\": 100");
  replaceIn(folder + "/service.json", "\"default_port\": 5101,", "");
  return folder;
}

std::optional<std::string> Journey::nodeExporter(const std::string& version) {
  const std::string made = madeOnce("node-exporter", "node-exporter");
  if (made.empty()) return std::nullopt;
  const std::string folder = path("node-exporter-" + version);
  fs::copy(made, folder, fs::copy_options::recursive);
  shell("sed -i 's/\"version\": \"[^\"]*\"/\"version\": \"" + version + "\"/; /default_port/d' " + folder + "/service.json");
  return folder;
}

std::string Journey::pack(const std::string& folder, int sequence, bool isSigned) {
  const std::string zip = folder + ".zip";
  const auto packed = tenon("pack " + folder + " -o " + zip + " --sequence " + std::to_string(sequence) +
                            (isSigned ? " --key " + path("release.key") : ""));
  EXPECT_EQ(packed.status, 0) << packed.err;
  return zip;
}

std::string Journey::publish(const std::string& folder, int sequence) {
  const std::string zip = pack(folder, sequence);
  const auto published = tenon("publish " + zip + " --hub " + hubUrl() + " --token-file " + path("hub/token"));
  EXPECT_EQ(published.status, 0) << published.err;
  return zip;
}

std::string Journey::inHub(const std::string& service, const std::string& version, const std::string& file) const {
  return path("hub/storage/services/" + service + "/" + version + "/linux-x64/" + file);
}

std::map<std::string, std::string> Journey::status(const std::string& service) const {
  std::map<std::string, std::string> members;
  const auto answer = Json::parse(tenon("status " + service + " -o json").out);
  if (!answer) return members;
  const auto rows = answer->member("services");
  if (!rows || !rows->array() || rows->array()->empty()) return members;
  const auto pairs = rows->array()->front().members();
  for (const auto& [key, value] : *pairs) members[key] = value.isString() ? *value.string() : value.text();
  return members;
}

std::string Journey::get(const std::string& port, const std::string& target) const { return ask("GET", port, target, ""); }

std::string Journey::post(const std::string& port, const std::string& target, const std::string& body) const {
  return ask("POST", port, target, body);
}

std::string Journey::ask(const std::string& method, const std::string& port, const std::string& target,
                         const std::string& body) const {
  try {
    Poco::Net::HTTPClientSession session("127.0.0.1", static_cast<Poco::UInt16>(std::stoi(port)));
    session.setTimeout(Poco::Timespan(5, 0));
    Poco::Net::HTTPRequest request(method, target, "HTTP/1.1");
    if (!body.empty()) request.setContentLength64(static_cast<Poco::Int64>(body.size()));
    session.sendRequest(request) << body;
    Poco::Net::HTTPResponse response;
    std::ostringstream answer;
    Poco::StreamCopier::copyStream(session.receiveResponse(response), answer);
    return answer.str();
  } catch (const std::exception&) {
    return "";
  }
}

}  // namespace tenon::host
