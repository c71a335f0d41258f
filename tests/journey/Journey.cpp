#include "tests/journey/Journey.h"

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>
#include <thread>

#include "tests/journey/langid/Langid.h"

namespace fs = std::filesystem;

namespace tenon::host {

namespace {

const std::string kTenon = TENON_PROGRAM;
const std::string kSource = TENON_SOURCE_DIR;

std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

// Short times; and no ports of its own, since tests run beside others: the system picks them.
void hasten(const std::string& folder) {
  const std::string file = folder + "/service.json";
  replaceIn(file, "\"probation_ms\": 1000, \"drain_ms\": 1000", "\"probation_ms\": 200, \"drain_ms\": 100");
  std::string json = readText(file);
  for (std::size_t at; (at = json.find("\"default_port\"")) != std::string::npos;)
    json.erase(at, json.find(',', at) + 1 - at);
  writeText(file, json);
}

}  // namespace

std::string platformName() { return TENON_JOURNEY_PLATFORM; }

std::string readText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void writeText(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

void writeNoise(const std::string& path, std::uint64_t size) {
  std::ofstream out(path, std::ios::binary);
  std::mt19937_64 random(5);
  std::vector<std::uint64_t> piece(1 << 17);
  for (std::uint64_t at = 0; at < size;) {
    for (auto& word : piece) word = random();
    const auto count = std::min<std::uint64_t>(size - at, piece.size() * sizeof piece[0]);
    out.write(reinterpret_cast<const char*>(piece.data()), static_cast<std::streamsize>(count));
    at += count;
  }
  ASSERT_TRUE(out.good()) << path;
}

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
  std::map<std::string, std::string> lines;
  for (auto at = fs::recursive_directory_iterator(folder); at != fs::recursive_directory_iterator(); ++at) {
    const std::string name = at->path().lexically_relative(folder).generic_string();
    if (at->path().filename() == "logs") {  // which a service may write meanwhile
      at.disable_recursion_pending();
      continue;
    }
    const auto status = at->symlink_status();
    std::ostringstream line;
    line << static_cast<int>(status.type()) << ' ' << std::oct << static_cast<unsigned>(status.permissions()) << ' ';
    if (at->is_symlink()) line << fs::read_symlink(at->path()).string();
    if (at->is_regular_file() && !at->is_symlink())
      line << std::hex << std::hash<std::string>()(readText(at->path().string()));
    lines[name] = line.str();
  }
  std::string all;
  for (const auto& [name, line] : lines) all += name + ' ' + line + '\n';
  return all;
}

bool eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 600; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

Journey::Journey() : root_(path("node")), trust_(path("release.pub")) {
  EXPECT_EQ(tenon("key gen --out " + path("release")).status, 0);
  fs::create_directories(root_);
}

Journey::~Journey() {
  try {
    if (agent_) {
      removeServices();
      endAgent(End::Asked);
    }
    stopHub();
    if (isOnSmallDisk_) fs::remove_all(root_);
  } catch (const std::exception& error) {
    ADD_FAILURE() << "while it cleaned up: " << error.what();
  }
}

// One that others require goes after them, and one that has a change under way when that has ended.
void Journey::removeServices() {
  std::vector<std::string> services;
  for (const auto& entry : fs::directory_iterator(root_ + "/services")) services.push_back(entry.path().filename().string());
  std::string refused;
  const auto removeOnce = [&] {
    refused.clear();
    std::erase_if(services, [&](const std::string& service) {
      const auto removed = tenon("remove --purge " + service);
      refused += removed.err;
      return removed.status == 0;
    });
    return services.empty();
  };
  EXPECT_TRUE(eventually(removeOnce)) << "a service stays, and its process perhaps: " << refused;
}

bool Journey::useSmallDisk() {
  const std::string disk = std::string(TENON_BINARY_DIR) + "/journey/small-disk";
  isOnSmallDisk_ = fs::exists(disk + "/is-small");
  if (isOnSmallDisk_) root_ = disk + "/node";
  return isOnSmallDisk_;
}

Outcome Journey::tenon(const std::string& arguments) const {
  auto all = words(arguments);
  all.insert(all.begin(), {"--root", root_});
  return runProgram(kTenon, all);
}

void Journey::startHub(const std::string& options) {
  const std::string listen = hubAddress_.empty() ? "127.0.0.1:0" : hubAddress_;
  auto all = words(options);
  all.insert(all.begin(), {"hub", "serve", "--data", path("hub"), "--listen", listen});
  hub_ = std::make_unique<Background>(kTenon, all);
  ASSERT_TRUE(eventually([&] { return hub_->output().find("token file") != std::string::npos; })) << hub_->output();
  const std::string log = hub_->output();
  const auto begin = log.rfind("http://") + 7;
  hubAddress_ = log.substr(begin, log.find('\n', begin) - begin);
}

void Journey::startWebServer(const std::vector<std::string>& folders) {
  webServer_ = std::make_unique<WebServer>(hubAddress_.substr(hubAddress_.rfind(':') + 1), folders);
}

void Journey::stopHub() {
  if (hub_) hub_->ask();
  hub_.reset();
  webServer_.reset();
}

void Journey::startAgent(const std::string& options) {
  auto all = words(options);
  all.insert(all.begin(), {"--root", root_, "agent", "--trust", trust_});
  if (!hubAddress_.empty()) all.insert(all.end(), {"--hub", hubUrl()});
  std::string program = agentProgram_;
  if (agentUser_) {
    program = "setpriv";
    const std::string user = std::to_string(*agentUser_);
    all.insert(all.begin(), {"--reuid", user, "--regid", user, "--clear-groups", "--inh-caps=-all", agentProgram_});
  }
  agent_ = std::make_unique<Background>(program, all);
  // The whole number: that of an agent that was killed may hold it, and so may its port.
  const auto answers = [&] {
    return readText(root_ + "/run/agent.json").find("\"pid\": " + std::to_string(agentPid()) + "\n") != std::string::npos;
  };
  ASSERT_TRUE(eventually([&] { return answers() || agent_->hasEnded(); }));
  ASSERT_TRUE(answers()) << agent_->output();
}

void Journey::serve(const std::string& folder) {
  startHub();
  startAgent();
  publish(folder);
  const std::string service = fs::path(folder).filename().string();
  expectDone(tenon("install " + service.substr(0, service.rfind('-'))));
}

bool Journey::comesBack(const std::string& service, long after) const {
  return eventually([&] {
    auto row = status(service);
    return row["state"] == "ready" && row["pid"] != std::to_string(after);
  });
}

void Journey::endAgent(End how) {
  if (how == End::Asked) agent_->ask();
  agent_.reset();
}

long Journey::agentPid() const { return agent_->pid(); }

std::string Journey::langid(const std::string& version) {
  const std::string folder = path("langid-" + version);
  makeLangid(folder, version);
  hasten(folder);
  return folder;
}

std::optional<std::string> Journey::geohash(const std::string& version) {
  const std::string node = std::string(TENON_BINARY_DIR) + "/journey/node-" + platformName();
  if (!fs::exists(node + "/bin")) return std::nullopt;
  const std::string folder = path("geohash-" + version);
  fs::copy(kSource + "/samples/services/geohash", folder, fs::copy_options::recursive);
  fs::remove_all(folder + "/runtime");
  fs::create_directories(folder + "/runtime");
  fs::copy(node, folder + "/runtime/node", fs::copy_options::recursive);
  replaceIn(folder + "/service.json", "\"1.0.0\"", "\"" + version + "\"");
  hasten(folder);
  return folder;
}

std::string Journey::pack(const std::string& folder, int sequence, bool isSigned) {
  const std::string zip = folder + ".zip";
  const std::string json = readText(folder + "/service.json");
  const bool several = json.find("\"linux-x64\"") != std::string::npos && json.find("\"windows-x64\"") != std::string::npos;
  const std::string platform = several ? " --platform " + platformName() : "";
  const auto packed = tenon("pack " + folder + " -o " + zip + platform + " --sequence " + std::to_string(sequence) +
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
  return path("hub/storage/services/" + service + "/" + version + "/" + platformName() + "/" + file);
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
