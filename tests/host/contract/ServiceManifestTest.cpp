#include "host/contract/service/ServiceManifest.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/host/contract/Samples.h"

namespace tenon::host {
namespace {

// The example of the package format, line for line.
const std::string kExample = R"({ "service_id": "nmt-zh-en", "version": "1.3.0", "name": "NMT zh→en",
  "platforms": { "linux-x64": {
      "entrypoint": "app/main.py",
      "exec": { "type": "python", "entry": "app/main.py", "args": ["--port", "${SERVICE_PORT}"], "cwd": "." },
      "default_port": 5101, "ports": { "admin": 5102 },
      "files": { "requires": ["service.json", "app/", "models/"], "optional": ["runtime/"], "executable": ["bin/*"] },
      "resources": { "memory_mb": 4096, "cpus": 2, "gpu_memory_mb": 2048 } } },
  "health_check": { "type": "http", "endpoint": "/health", "timeout_ms": 3001, "startup_grace_ms": 20001, "interval_ms": 5001, "unhealthy_after": 4 },
  "env_schema": { "LOG_LEVEL": { "type": "string", "default": "info" }, "BEAM": { "type": "integer", "default": 4, "required": true },
                  "SCALE": { "type": "number", "default": 1.50 }, "FAST": { "type": "boolean", "default": true }, "TOKEN": {} },
  "env": { "B": "2", "A": "${DATA_DIR}/x" },
  "restart": { "policy": "on-failure", "backoff_ms": 201, "backoff_max_ms": 60001 }, "stop": { "signal": "INT", "grace_ms": 10001 },
  "upgrade": { "strategy": "warm" }, "requires": [ { "service": "lexicon", "version": "^1.0" }, { "service": "other" } ],
  "logs": { "max_bytes": 67108865, "archives": 7 }, "unknown": { "is": "ignored" } }
)";

std::string with(const std::string& from, const std::string& to) {
  std::string text = kExample;
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(ServiceManifest, ReadsThePlatformForm) {
  const auto read = ServiceManifest::parse(kExample);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->service.text(), "nmt-zh-en");
  EXPECT_EQ(read->version.text(), "1.3.0");
  EXPECT_EQ(read->name, "NMT zh→en");
  EXPECT_EQ(read->health.timeout, Millis(3001));
  EXPECT_EQ(read->health.startupGrace, Millis(20001));
  EXPECT_EQ(read->health.interval, Millis(5001));
  EXPECT_EQ(read->health.unhealthyAfter, 4);
  EXPECT_EQ(read->restart.when, RestartPolicy::When::OnFailure);
  EXPECT_EQ(read->restart.backoff, Millis(201));
  EXPECT_EQ(read->stop.signal, "INT");
  EXPECT_EQ(read->stop.grace, Millis(10001));
  EXPECT_EQ(read->upgrade.strategy, UpgradePolicy::Strategy::Warm);
  EXPECT_EQ(read->upgrade.probation, Millis(5000));
  EXPECT_EQ(read->logs.maxBytes, 67108865U);
  EXPECT_EQ(read->logs.archives, 7U);
  ASSERT_EQ(read->requires_.size(), 2U);
  EXPECT_EQ(read->requires_[0].version.text(), "^1.0");
  EXPECT_EQ(read->requires_[1].version.text(), "*");
  EXPECT_EQ(read->env, (Environment{{"B", "2"}, {"A", "${DATA_DIR}/x"}}));
}

TEST(ServiceManifest, ReadsWhatAPlatformSays) {
  const auto manifest = ServiceManifest::parse(kExample).value();
  const PlatformVariant& variant = **manifest.variant(PlatformId::parse("linux-x64").value());
  EXPECT_EQ(variant.execType, "python");
  EXPECT_EQ(variant.exec.find("entry")->string().value(), "app/main.py");
  EXPECT_EQ(variant.entrypoint, "app/main.py");
  EXPECT_EQ(variant.defaultPort, 5101);
  EXPECT_EQ(variant.ports.at("admin"), 5102);
  EXPECT_EQ(variant.filesRequired, (std::vector<std::string>{"service.json", "app/", "models/"}));
  EXPECT_EQ(variant.filesExecutable, (std::vector<std::string>{"bin/*"}));
  EXPECT_EQ(variant.resources.memoryMb, 4096U);
  EXPECT_EQ(variant.resources.cpus, 2.0);
  EXPECT_FALSE(variant.resources.pids);
  EXPECT_FALSE(variant.driverPin);
}

TEST(ServiceManifest, KeepsDefaultsOfVariablesAsTheAuthorWroteThem) {
  const auto schema = ServiceManifest::parse(kExample).value().envSchema;
  EXPECT_EQ(schema.at("LOG_LEVEL").otherwise, "info");
  EXPECT_EQ(schema.at("BEAM").otherwise, "4");
  EXPECT_TRUE(schema.at("BEAM").required);
  EXPECT_EQ(schema.at("SCALE").otherwise, "1.50");
  EXPECT_EQ(schema.at("FAST").otherwise, "true");
  EXPECT_FALSE(schema.at("TOKEN").otherwise);
  EXPECT_EQ(schema.at("TOKEN").type, "string");
}

TEST(ServiceManifest, TakesDefaultsForWhatIsAbsent) {
  const auto read = ServiceManifest::parse(
      R"({"service_id":"a","version":"1.0.0","platforms":{"linux-x64":{"exec":{"type":"argv"}}},"health_check":{},"env_schema":{}})");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->name, "a");
  EXPECT_EQ(read->health.type, HealthCheck::Type::Http);
  EXPECT_EQ(read->health.endpoint, "/health");
  EXPECT_EQ(read->health.expectFrom, 200);
  EXPECT_EQ(read->health.expectTo, 399);
  EXPECT_EQ(read->restart.when, RestartPolicy::When::Always);
  EXPECT_EQ(read->upgrade.strategy, UpgradePolicy::Strategy::Cold);
  EXPECT_EQ(read->logs.maxBytes, 67108864U);
  EXPECT_EQ(read->logs.archives, 4U);
  EXPECT_FALSE(read->platforms.at("linux-x64").defaultPort);
}

TEST(ServiceManifest, ReadsTheKindsOfHealthCheck) {
  const auto health = [](const std::string& value) {
    return ServiceManifest::parse(with(R"("type": "http", "endpoint": "/health")", value)).value().health;
  };
  EXPECT_EQ(health(R"("live_endpoint": "/live")").liveEndpoint, "/live");
  EXPECT_EQ(health(R"("type": "http")").liveEndpoint, "");
  EXPECT_EQ(health(R"("type": "tcp")").type, HealthCheck::Type::Tcp);
  EXPECT_EQ(health(R"("type": "none")").type, HealthCheck::Type::None);
  EXPECT_EQ(health(R"("type": "exec", "endpoint": "health/check")").endpoint, "health/check");
  EXPECT_EQ(health(R"("endpoint": "/v1/${SERVICE_ID}/ok?x=1")").endpoint, "/v1/${SERVICE_ID}/ok?x=1");
  EXPECT_EQ(health(R"("expect": 204)").expectFrom, 204);
  EXPECT_EQ(health(R"("expect": 204)").expectTo, 204);
  EXPECT_EQ(health(R"("expect": [200, 499])").expectTo, 499);
}

TEST(ServiceManifest, ReadsADriverPin) {
  const auto pinned = ServiceManifest::parse(with(R"("entrypoint":)", R"("driver": "acme.python@^2", "entrypoint":)"));
  ASSERT_TRUE(pinned) << pinned.error().message();
  EXPECT_EQ(pinned->platforms.at("linux-x64").driverPin, "acme.python@^2");
}

struct FieldRefusal {
  std::string from, to;
  const char *field, *message;
};

void expectAllRefused(const std::vector<FieldRefusal>& cases) {
  for (const auto& each : cases) {
    const auto read = ServiceManifest::parse(with(each.from, each.to));
    expectRefused(read, ErrorCode::FormatInvalid, each.message);
    if (read) continue;
    EXPECT_EQ(read.error().field(), each.field) << each.to << ": " << read.error().message();
    EXPECT_TRUE(read.error().message().starts_with("service.json: ")) << read.error().message();
    EXPECT_NE(read.error().message().find("line "), std::string::npos) << read.error().message();
  }
}

TEST(ServiceManifest, RefusesWrongMembersOfTheDocumentWithPathAndLine) {
  expectAllRefused({
      {R"("service_id": "nmt-zh-en", )", "", "service_id", "missing"},
      {R"("version": "1.3.0", )", "", "version", "missing"},
      {R"("platforms": {)", R"("platform": {)", "platforms", "missing"},
      {R"("health_check")", R"("health")", "health_check", "missing"},
      {R"("env_schema")", R"("env_scheme")", "env_schema", "missing"},
      {"\"nmt-zh-en\"", "\"NMT\"", "service_id", "no service id"},
      {"\"1.3.0\"", "\"1.3\"", "version", "no version"},
      {"\"1.3.0\"", "1.3", "version", "string"},
      {"\"NMT zh→en\"", "7", "name", "string"},
      {"\"INT\"", "\"STOP\"", "stop.signal", "TERM, INT"},
      {"\"grace_ms\": 10001", "\"grace_ms\": -1", "stop.grace_ms", ""},
      {"\"on-failure\"", "\"sometimes\"", "restart.policy", "always, on-failure, never"},
      {"\"backoff_max_ms\": 60001", "\"backoff_max_ms\": 100", "restart", "less than"},
      {"\"warm\"", "\"hot\"", "upgrade.strategy", "cold, warm"},
      {"\"lexicon\"", "\"../x\"", "requires[0].service", "no service id"},
      {"\"^1.0\"", "\"latest\"", "requires[0].version", "no range"},
      {"67108865", "1", "logs.max_bytes", ""},
      {"\"unknown\": {", "\"isolation\": \"most\", \"unknown\": {", "isolation", "none, standard, strict"},
      {"\"archives\": 7", "\"archives\": 0", "logs.archives", ""},
      {"\"A\": \"${DATA_DIR}/x\"", "\"A\": 1", "env.A", "string"},
      {"\"A\": \"${DATA_DIR}/x\"", "\"A\": \"x\\u0000\"", "env.A", "NUL"},
      {"\"unknown\"", "\"instance_id\"", "instance_id", "reserved"},
  });
}

TEST(ServiceManifest, RefusesWrongMembersOfAPlatformWithPathAndLine) {
  expectAllRefused({
      {R"("exec": {)", R"("run": {)", "platforms.linux-x64.exec", "missing"},
      {R"("type": "python")", R"("kind": "python")", "platforms.linux-x64.exec.type", "missing"},
      {R"("type": "python")", R"("type": "Py thon")", "platforms.linux-x64.exec.type", "an exec type"},
      {R"(["--port", "${SERVICE_PORT}"])", R"(["--port", 1])", "platforms.linux-x64.exec.args[1]", "string"},
      {"5101", "0", "platforms.linux-x64.default_port", ""},
      {"5101", "65536", "platforms.linux-x64.default_port", ""},
      {"5101", "\"5101\"", "platforms.linux-x64.default_port", "integer"},
      {"5102", "70000", "platforms.linux-x64.ports.admin", ""},
      {"\"admin\"", "\"Admin\"", "platforms.linux-x64.ports.Admin", "a port's name"},
      {"\"app/\"", "\"../app/\"", "platforms.linux-x64.files.requires[1]", "are no names"},
      {"\"app/\"", "\"app//\"", "platforms.linux-x64.files.requires[1]", "empty part"},
      {"\"app/\"", "\"\"", "platforms.linux-x64.files.requires[1]", "empty path"},
      {"\"bin/*\"", "\"../*\"", "platforms.linux-x64.files.executable[0]", "are no names"},
      {"4096", "0", "platforms.linux-x64.resources.memory_mb", ""},
      {"\"cpus\": 2", "\"cpus\": 0", "platforms.linux-x64.resources.cpus", "processors"},
      {"\"entrypoint\":", "\"driver\": \"acme@new\", \"entrypoint\":", "platforms.linux-x64.driver", "no range"},
      {"\"linux-x64\"", "\"linux\"", "platforms.linux", "no platform"},
  });
}

TEST(ServiceManifest, RefusesWrongHealthChecksAndVariablesWithPathAndLine) {
  expectAllRefused({
      {"\"http\"", "\"grpc\"", "health_check.type", "http, tcp, exec, none"},
      {"\"/health\"", "\"health\"", "health_check.endpoint", "begins with '/'"},
      {"\"/health\"", "\"/a b\"", "health_check.endpoint", "without spaces"},
      {"\"/health\"", "\"/a\\r\\nHost: x\"", "health_check.endpoint", "without spaces"},
      {"\"/health\"", "\"/health\", \"live_endpoint\": \"live\"", "health_check.live_endpoint", "begins with '/'"},
      {"\"http\"", "\"tcp\", \"live_endpoint\": \"/live\"", "health_check.live_endpoint", "type http"},
      {"\"http\", \"endpoint\": \"/health\"", "\"exec\"", "health_check", "endpoint"},
      {"\"http\", \"endpoint\": \"/health\"", "\"exec\", \"endpoint\": \"/bin/sh\"", "health_check.endpoint", "absolute"},
      {"3001", "0", "health_check.timeout_ms", ""},
      {"3001", "3600001", "health_check.timeout_ms", ""},
      {"20001", "86400001", "health_check.startup_grace_ms", ""},
      {"\"unhealthy_after\": 4", "\"unhealthy_after\": 0", "health_check.unhealthy_after", ""},
      {"\"unhealthy_after\": 4", "\"expect\": 99", "health_check.expect", ""},
      {"\"unhealthy_after\": 4", "\"expect\": [200]", "health_check.expect", "[from, to]"},
      {"\"unhealthy_after\": 4", "\"expect\": [300, 200]", "health_check.expect", "greater"},
      {"\"unhealthy_after\": 4", "\"expect\": [200, \"x\"]", "health_check.expect[1]", ""},
      {"\"type\": \"string\"", "\"type\": \"text\"", "env_schema.LOG_LEVEL.type", "string, integer, number, boolean"},
      {"\"info\"", "[]", "env_schema.LOG_LEVEL.default", "expected a string"},
      {"\"required\": true", "\"required\": 1", "env_schema.BEAM.required", ""},
      {"\"TOKEN\": {}", "\"TOKEN\": \"x\"", "env_schema.TOKEN", "object"},
      {"\"TOKEN\": {}", "\"1TOKEN\": {}", "env_schema.1TOKEN", "letters, digits"},
  });
}

TEST(ServiceManifest, NamesTheLine) {
  const auto read = ServiceManifest::parse(with("5101", "70000"));
  EXPECT_NE(read.error().message().find("platforms.linux-x64.default_port (line 5)"), std::string::npos)
      << read.error().message();
}

TEST(ServiceManifest, TellsAllFaultsAndParseTheFirstOfThem) {
  const std::string text = R"({"version": "1", "platforms": {"linux": {}, "linux-x64": {}, "linux-arm64": {"exec": 1}},
    "health_check": {"timeout_ms": "long", "interval_ms": -1}, "name": 7, "stop": {"signal": "STOP"}})";
  std::vector<std::string> fields;
  for (const auto& fault : ServiceManifest::faults(text)) fields.push_back(fault.field());
  EXPECT_EQ(fields, (std::vector<std::string>{"service_id", "version", "name", "platforms.linux", "platforms.linux-x64.exec",
                                              "platforms.linux-arm64.exec", "health_check.timeout_ms", "env_schema",
                                              "stop.signal"}));
  EXPECT_EQ(ServiceManifest::parse(text).error().field(), "service_id");
  EXPECT_TRUE(ServiceManifest::faults(kExample).empty());
  EXPECT_EQ(ServiceManifest::faults("[").size(), 1U);
}

TEST(ServiceManifest, RefusesNoPlatforms) {
  expectRefused(
      ServiceManifest::parse(R"({"service_id":"a","version":"1.0.0","platforms":{},"health_check":{},"env_schema":{}})"),
      ErrorCode::FormatInvalid, "no platform is named");
}

TEST(ServiceManifest, Case23_RefusesWhatIsNoStrictJson) {
  for (const std::string& bad :
       {std::string(), std::string("[]"), std::string("\"x\""), kExample + "x", "\xef\xbb\xbf" + kExample,
        with("\"unknown\"", "\"service_id\""), with("5101", "NaN"), with("5101", "1e3"), with("\"unknown\"", "\"\\ud800\""),
        std::string(100'000, '['), std::string(2 * 1024 * 1024, ' ') + kExample}) {
    const auto read = ServiceManifest::parse(bad);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code(), ErrorCode::FormatInvalid);
  }
}

TEST(ServiceManifest, RefusesWhatItMustUnderstandAndDoesNot) {
  EXPECT_TRUE(ServiceManifest::parse(with("\"unknown\"", "\"must_understand\": [\"upgrade\"], \"unknown\"")));
  const auto read =
      ServiceManifest::parse(with("\"unknown\"", "\"must_understand\": [\"upgrade\", \"unknown\"], \"unknown\""));
  expectRefused(read, ErrorCode::FormatInvalid, "needs \"unknown\"");
  EXPECT_EQ(read.error().hint(), "upgrade tenon");
}

TEST(ServiceManifest, IsKeptToItselfUnlessItSaysOtherwise) {
  EXPECT_EQ(ServiceManifest::parse(kExample)->isolation, Isolation::Standard);
  for (const Isolation level : {Isolation::None, Isolation::Standard, Isolation::Strict}) {
    const std::string text(name(level));
    const auto read = ServiceManifest::parse(with("\"unknown\"", "\"isolation\": \"" + text + "\", \"unknown\""));
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(read->isolation, level);
    EXPECT_EQ(isolationNamed(text), level);
  }
  EXPECT_FALSE(isolationNamed("most"));
}

TEST(ServiceManifest, NamesThePlatformsThereAre) {
  const auto manifest = ServiceManifest::parse(kExample).value();
  const auto variant = manifest.variant(PlatformId::parse("windows-x64").value());
  expectRefused(variant, ErrorCode::PlatformUnsupported, "not made for windows-x64");
  EXPECT_EQ(variant.error().hint(), "it is made for linux-x64");
}

// A flat service.json of whatever `members` say.
Result<ServiceManifest> flat(const std::string& members) {
  return ServiceManifest::parse(R"({"id":"a","version":"1.0.0",)" + members + "}");
}

std::string execOf(const Result<ServiceManifest>& manifest) {
  return manifest ? manifest->platforms.at("linux-x64").exec.text() : manifest.error().message();
}

TEST(FlatForm, IsReadAsThePlatformFormThatMeansTheSame) {
  const auto read =
      flat(R"("name":"A","port":6007,"exec":{"command":"python","args":["x.py","-v"]},"env":{"B":"1"},"type":"asr",
                            "gpu_required":true,"health_check":{"endpoint":"/up","timeout_ms":5000})");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->service.text(), "a");
  EXPECT_EQ(read->name, "A");
  const PlatformVariant& variant = read->platforms.at("windows-x64");
  EXPECT_EQ(variant.exec.text(), R"({"type":"python","entry":"x.py","args":["-v"],"cwd":"."})");
  EXPECT_EQ(variant.defaultPort, 6007);
  EXPECT_TRUE(variant.fixedPort);
  EXPECT_EQ(variant.resources.gpuMemoryMb, 1u);
  EXPECT_EQ(read->health.type, HealthCheck::Type::Http);
  EXPECT_EQ(read->health.endpoint, "/up");
  EXPECT_EQ(read->health.timeout, Millis(5000));
  EXPECT_EQ(read->health.startupGrace, Millis(120000));
  EXPECT_EQ(read->upgrade.strategy, UpgradePolicy::Strategy::Cold);
  EXPECT_EQ(read->env, (Environment{{"B", "1"}}));
}

TEST(FlatForm, WithoutAHealthCheckAsksThePortAndWithoutAPortNothing) {
  const auto port = flat(R"("port":6007,"exec":{"command":"./serve"})");
  EXPECT_EQ(port.value().health.type, HealthCheck::Type::Tcp);
  EXPECT_EQ(port.value().health.startupGrace, Millis(120000));
  EXPECT_EQ(flat(R"("exec":{"command":"./serve"})").value().health.type, HealthCheck::Type::None);
  EXPECT_EQ(flat(R"("exec":{"command":"./serve"},"health_path":"/h")").value().health.endpoint, "/h");
}

TEST(FlatForm, ACommandThatADriverIsMadeForIsItsOwn) {
  const auto exec = [](const std::string& members) { return execOf(flat(R"("exec":{)" + members + "}")); };
  EXPECT_EQ(exec(R"("command":"python3","args":["-m","pkg","x"],"cwd":"app")"),
            R"({"type":"python","module":"pkg","args":["x"],"cwd":"app"})");
  EXPECT_EQ(exec(R"("command":"python","args":["-c","pass"])"),
            R"({"type":"argv","program":"python","args":["-c","pass"],"cwd":"."})");
  EXPECT_EQ(exec(R"("command":"node","args":["server.js"])"), R"({"type":"node","entry":"server.js","args":[],"cwd":"."})");
  EXPECT_EQ(exec(R"("command":"cargo","args":["run","--release","--","-p","1"])"),
            R"({"type":"rust","program":"a","args":["-p","1"],"cwd":"."})");
  EXPECT_EQ(exec(R"("command":"cargo","args":["run","--bin","b"])"), R"({"type":"rust","program":"b","args":[],"cwd":"."})");
  EXPECT_EQ(exec(R"("command":"cargo","args":["run","--bin=b"])"), R"({"type":"rust","program":"b","args":[],"cwd":"."})");
  EXPECT_EQ(exec(R"("command":"cargo","args":["run","--bin"])"), R"({"type":"rust","program":"a","args":[],"cwd":"."})");
  EXPECT_EQ(exec(R"("command":"bin/x")"), R"({"type":"argv","program":"bin/x","args":[],"cwd":"."})");
}

TEST(FlatForm, TellsWhatIsWrongByItsOwnMembers) {
  expectRefused(flat(R"("port":0,"exec":{"command":"x"})"), ErrorCode::FormatInvalid, "port (line 1)");
  expectRefused(flat(R"("port":1)"), ErrorCode::FormatInvalid, "exec");
  expectRefused(flat(R"("exec":{"args":[]})"), ErrorCode::FormatInvalid, "exec (line 1): \"command\" is missing");
  expectRefused(flat(R"("exec":{"command":"x","args":"y"})"), ErrorCode::FormatInvalid, "exec.args (line 1)");
  expectRefused(flat(R"("exec":{"command":"x"},"health_check":7)"), ErrorCode::FormatInvalid, "health_check (line 1)");
  expectRefused(flat(R"("exec":{"command":"x"},"name":7)"), ErrorCode::FormatInvalid, "name (line 1)");
  expectRefused(flat(R"("exec":{"command":"x"},"isolation":"strict")"), ErrorCode::FormatInvalid, "isolation (line 1)");
  expectRefused(flat(R"("exec":{"command":"x"},"env":{"A":1})"), ErrorCode::FormatInvalid, "env.A (line 1)");
  expectRefused(ServiceManifest::parse(R"({"id":"A","version":"1.0.0","exec":{"command":"x"}})"), ErrorCode::FormatInvalid,
                "id (line 1)");
}

TEST(FlatForm, TheOriginsOwnFilesAreRead) {
  const std::filesystem::path folder(std::string(TENON_SHARED_DATA) + "/origin");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "the shared files are not beside this checkout";
  int seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(entry.path() / "service.json");
    if (!in) continue;
    ++seen;
    const auto read = ServiceManifest::parse(std::string(std::istreambuf_iterator<char>(in), {}));
    ASSERT_TRUE(read) << entry.path() << ": " << read.error().message();
    EXPECT_EQ(read->platforms.at("linux-x64").execType, "python");
    EXPECT_TRUE(read->platforms.at("linux-x64").fixedPort);
  }
  EXPECT_GT(seen, 0);
}

TEST(ServiceManifest, AFixedPortIsNamedAndStaysCold) {
  const auto platform = [](const std::string& members, const std::string& strategy) {
    return ServiceManifest::parse(R"({"service_id":"s","version":"1.0.0","health_check":{"type":"none"},"env_schema":{},)"
                                  R"("upgrade":{"strategy":")" +
                                  strategy + R"("},"platforms":{"linux-x64":{"exec":{"type":"argv"})" + members + "}}}");
  };
  EXPECT_TRUE(platform(R"(,"default_port":80,"fixed_port":true)", "cold").value().platforms.at("linux-x64").fixedPort);
  expectRefused(platform(R"(,"fixed_port":true)", "cold"), ErrorCode::FormatInvalid, "default_port");
  expectRefused(platform(R"(,"default_port":80,"fixed_port":true)", "warm"), ErrorCode::FormatInvalid,
                "cannot be upgraded warm");
}

TEST(ServiceManifest, TellsDriversOfWhatTheNodeSetTheSearchPathsAlone) {
  const auto manifest = ServiceManifest::parse(R"({"service_id":"s","version":"1.0.0",
    "platforms":{"linux-x64":{"exec":{"type":"argv","program":"p"}}},"health_check":{"type":"none"},
    "env_schema":{"LEVEL":{"type":"string","default":"info"},"TOKEN":{"type":"string"}},"env":{"MODE":"${DATA_DIR}"}})");
  ASSERT_TRUE(manifest) << manifest.error().message();
  const Environment told =
      manifest->environmentForDrivers({{"TOKEN", "secret"}, {"LEVEL", "secret"}, {"LD_LIBRARY_PATH", "/x"}});
  EXPECT_EQ(told, (Environment{{"LD_LIBRARY_PATH", "/x"}, {"LEVEL", "info"}, {"MODE", "${DATA_DIR}"}}));
}

}  // namespace
}  // namespace tenon::host
