// What a real Python service can reach that tries: its package, the store, another's data, the node's keys, the agent. As
// root, where each service has a user of its own; as a user without rights, where Landlock alone keeps it; and over ways
// back to a release that asks for none.
#include <unistd.h>

#include <filesystem>

#include "tests/journey/Journey.h"
#include "tests/journey/Posix.h"

namespace tenon::host {

namespace {

// GET /try?OPERATION=PATH answers "yes", or the error's name.
constexpr const char* kProgram = R"(
import errno, http.server, os, signal, sys, tempfile, urllib.parse

def make(path):
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))

def temporary(_):
    with tempfile.NamedTemporaryFile() as file:
        assert file.name.startswith(os.environ["DATA_DIR"]), file.name

OPERATIONS = {
    "read": lambda path: open(path, "rb").read(),
    "write": lambda path: os.close(os.open(path, os.O_WRONLY)),
    "append": lambda path: open(path, "a").write("x"),
    "make": make,
    "list": os.listdir,
    "remove": os.unlink,
    "chmod": lambda path: os.chmod(path, 0o777),
    "replace": lambda path: os.replace(tempfile.mkstemp()[1], path),
    "signal": lambda pid: os.kill(int(pid), 0),
    "temporary": temporary,
}

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        answer = os.environ["SERVICE_VERSION"]
        query = urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query)
        for operation, argument in query:
            try:
                OPERATIONS[operation](argument)
                answer = "yes"
            except OSError as error:
                answer = errno.errorcode[error.errno]
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())
    def log_message(self, *arguments):
        pass

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
http.server.HTTPServer(("127.0.0.1", int(os.environ["SERVICE_PORT"])), Handler).serve_forever()
)";

constexpr uid_t kNobody = 65534;

class IsolationJourney : public Journey {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "users and owners are root's to change";
    std::filesystem::permissions(path(""), std::filesystem::perms(0755));
  }

  void publishTrier(const std::string& id, const std::string& version, const std::string& isolation, int sequence = 0) {
    const std::string folder = path(id + "-" + version);
    std::filesystem::create_directories(folder + "/app");
    writeText(folder + "/app/main.py", kProgram);
    writeText(folder + "/service.json",
              R"({"service_id":")" + id + R"(","version":")" + version + R"(","isolation":")" + isolation +
                  R"(","platforms":{"linux-x64":{"exec":{"type":"python","entry":"app/main.py"}}},"env_schema":{},)" +
                  R"("health_check":{"type":"http","endpoint":"/","interval_ms":1000},"upgrade":{"probation_ms":100}})");
    publish(folder, sequence);
  }
  void install(const std::string& spec) {
    const auto installed = tenon("install " + spec);
    ASSERT_EQ(installed.status, 0) << installed.out << installed.err << tenon("logs " + spec).out;
  }
  // What the service says of an attempt.
  std::string attempt(const std::string& operation, const std::string& on, const std::string& id = "trier") {
    return get(status(id)["port"], "/try?" + operation + "=" + on);
  }
  std::string packageFile() const { return serviceFolder("trier") + "/versions/1.0.0/linux-x64/app/main.py"; }
  std::string data(const std::string& name, const std::string& id = "trier") const {
    return serviceFolder(id) + "/data/" + name;
  }
  // A file of the store that the service's release links to.
  std::string storedFile() const {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root() + "/store")) {
      if (entry.is_regular_file() && std::filesystem::equivalent(entry.path(), packageFile())) return entry.path();
    }
    return "";
  }
  static uid_t ownerOf(const std::string& file) {
    const auto told = shell("stat -c %u " + file);
    return told.status == 0 ? static_cast<uid_t>(std::stoul(told.out)) : 0;
  }
  // Nothing but what is its own, whoever it runs as.
  void triesInVain() {
    const std::string before = snapshot(serviceFolder("trier") + "/versions") + snapshot(root() + "/store");
    ASSERT_NE(storedFile(), "");
    const std::vector<std::pair<std::string, std::string>> attempts = {
        {"write", packageFile()},
        {"append", packageFile()},
        {"replace", packageFile()},
        {"remove", packageFile()},
        {"make", packageFile() + ".new"},
        {"write", storedFile()},
        {"append", storedFile()},
        {"remove", storedFile()},
        {"make", root() + "/store/new"},
        {"read", data("secret", "other")},
        {"list", serviceFolder("other") + "/data"},
        {"make", data("mine-now", "other")},
        {"read", serviceFolder("other") + "/logs/1.0.0.log"},
        {"list", root() + "/trust/keys"},
        {"read", root() + "/trust/floors.json"},
        {"read", root() + "/run/agent.json"},
        {"list", root() + "/changes"},
        {"make", root() + "/new"},
        {"make", serviceFolder("trier") + "/current.json.new"},
        {"append", serviceFolder("trier") + "/current.json"},
    };
    for (const auto& [operation, on] : attempts) EXPECT_EQ(attempt(operation, on), "EACCES") << operation << " " << on;
    EXPECT_EQ(snapshot(serviceFolder("trier") + "/versions") + snapshot(root() + "/store"), before);
    EXPECT_EQ(attempt("read", packageFile()), "yes");
    EXPECT_EQ(attempt("list", serviceFolder("trier") + "/versions/1.0.0/linux-x64"), "yes");
    EXPECT_EQ(attempt("append", data("file")), "yes");
    EXPECT_EQ(attempt("temporary", "file"), "yes");
  }
  void serveTwo(const std::string& isolation, const std::string& options = "") {
    startHub();
    startAgent(options);
    publishTrier("trier", "1.0.0", isolation);
    publishTrier("other", "1.0.0", isolation);
    install("other");
    ASSERT_EQ(attempt("append", data("secret", "other"), "other"), "yes");
    install("trier");
  }
};

}  // namespace

TEST_F(IsolationJourney, Case63AServiceOfARootAgentReachesItsOwnAlone) {
  serveTwo("standard");
  const std::string isolation = status("trier")["isolation"];
  ASSERT_EQ(isolation.find("standard, user 7"), 0u) << isolation;
  EXPECT_NE(isolation, status("other")["isolation"]);
  triesInVain();
  EXPECT_EQ(attempt("chmod", packageFile()), "EPERM");
  EXPECT_EQ(attempt("read", root() + "/users.json"), "EACCES");
  EXPECT_EQ(attempt("signal", std::to_string(agentPid())), "EPERM");
  EXPECT_EQ(attempt("append", "/etc/passwd"), "EACCES");
  EXPECT_EQ(attempt("append", "/dev/stdout"), "yes");
  EXPECT_EQ(ownerOf(data("file")), ownerOf(data("")));
  EXPECT_GE(ownerOf(data("file")), 70000u);
  const auto table = tenon("status trier");
  EXPECT_NE(table.out.find("isolation: standard, user "), std::string::npos) << table.out;
}

TEST_F(IsolationJourney, Case63AServiceOfAnAgentWithoutRightsReachesItsOwnAlone) {
  shell("chown " + std::to_string(kNobody) + " " + root());
  runAgentAs(kNobody);
  serveTwo("standard", "--listen 127.0.0.1:0");
  const std::string isolation = status("trier")["isolation"];
  ASSERT_EQ(isolation, "standard, but only an agent that is root can give a service a user of its own");
  triesInVain();
  EXPECT_EQ(ownerOf(data("file")), kNobody);
  EXPECT_FALSE(std::filesystem::exists(root() + "/users.json"));
  const auto node = tenon("status");
  EXPECT_NE(node.out.find("isolation: only an agent that is root"), std::string::npos) << node.out;
}

TEST_F(IsolationJourney, StrictShutsTheRestOfTheMachineAndIsRefusedWhereItCannotBeHad) {
  serveTwo("strict");
  ASSERT_EQ(status("trier")["isolation"].find("strict, user 7"), 0u) << status("trier")["isolation"];
  triesInVain();
  EXPECT_EQ(attempt("list", "/var"), "EACCES");
  EXPECT_EQ(attempt("make", "/tmp/tenon-isolation-journey"), "EACCES");
  EXPECT_EQ(attempt("list", "/"), "EACCES");
  EXPECT_EQ(attempt("read", "/etc/hostname"), "yes");

  // The next agent could not end what runs as others.
  for (const char* id : {"trier", "other"}) ASSERT_EQ(tenon(std::string("stop ") + id).status, 0);
  endAgent(End::Asked);
  shell("chown -R " + std::to_string(kNobody) + " " + root());
  runAgentAs(kNobody);
  startAgent("--listen 127.0.0.1:0");
  publishTrier("trier", "1.1.0", "strict", 1);
  const auto refused = tenon("upgrade trier");
  EXPECT_EQ(refused.status, 6) << refused.out << refused.err;
  EXPECT_NE(refused.err.find("error resource-missing: isolation strict cannot be had here: only an agent that is root"),
            std::string::npos)
      << refused.err;
  const auto plan = tenon("plan upgrade trier");
  EXPECT_NE(plan.out.find("resource-missing"), std::string::npos) << plan.out;
}

TEST_F(IsolationJourney, AReleaseThatAsksForNoneAndTheNextShareTheirData) {
  startHub();
  startAgent();
  publishTrier("trier", "1.0.0", "none");
  install("trier");
  EXPECT_EQ(status("trier")["isolation"], "none");
  ASSERT_EQ(attempt("append", data("first")), "yes");
  EXPECT_EQ(ownerOf(data("first")), 0u);

  publishTrier("trier", "1.1.0", "standard", 1);
  const auto upgraded = tenon("upgrade trier");
  ASSERT_EQ(upgraded.status, 0) << upgraded.out << upgraded.err;
  EXPECT_EQ(attempt("append", data("first")), "yes");
  const uid_t user = ownerOf(data("first"));
  EXPECT_GE(user, 70000u);

  ASSERT_EQ(tenon("rollback trier").status, 0);
  EXPECT_EQ(attempt("append", data("first")), "yes");
  ASSERT_EQ(attempt("append", data("second")), "yes");
  EXPECT_EQ(ownerOf(data("second")), 0u);

  ASSERT_EQ(tenon("rollback trier").status, 0);
  EXPECT_EQ(attempt("append", data("second")), "yes");
  EXPECT_EQ(ownerOf(data("second")), user);
}

TEST_F(IsolationJourney, AServiceOutlivesItsAgentAndIsStillItsUser) {
  startHub();
  startAgent();
  publishTrier("trier", "1.0.0", "standard");
  install("trier");
  const auto before = status("trier");
  endAgent(End::Killed);
  startAgent();
  ASSERT_TRUE(eventually([&] { return status("trier")["state"] == "ready"; }));
  EXPECT_EQ(status("trier")["pid"], before.at("pid"));
  EXPECT_EQ(status("trier")["isolation"], before.at("isolation"));
  ASSERT_EQ(tenon("restart trier").status, 0);
  EXPECT_EQ(status("trier")["isolation"], before.at("isolation"));
  EXPECT_NE(status("trier")["pid"], before.at("pid"));
}

TEST_F(IsolationJourney, TheNodesLeastHoldsForAReleaseThatAsksForLess) {
  writeText(root() + "/agent.properties", "isolation_least=standard\nservice_users=80000-80000\n");
  startHub();
  startAgent();
  publishTrier("trier", "1.0.0", "none");
  const auto plan = tenon("plan install trier");
  EXPECT_NE(plan.out.find("isolation   standard, the least of this node (none was asked for)"), std::string::npos)
      << plan.out;
  install("trier");
  EXPECT_EQ(status("trier")["isolation"], "standard, user 80000");
  publishTrier("other", "1.0.0", "none");
  const auto full = tenon("install other");
  EXPECT_NE(full.status, 0);
  EXPECT_NE(full.err.find("error limit-exceeded: every user for services is taken: 80000-80000"), std::string::npos)
      << full.err;
}

}  // namespace tenon::host
