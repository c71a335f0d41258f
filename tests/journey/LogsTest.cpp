// `tenon logs` over a service that writes more than its log may hold, past agents that are killed.
#include <filesystem>

#include "host/base/Utf8.h"
#include "tests/journey/Journey.h"
#include "tests/journey/Posix.h"

namespace tenon::host {

namespace {

constexpr int kLines = 30'000;  // a batch: some 1.7 MB

// Writes a batch at its start, and another for every file that it is given in its data folder.
constexpr const char* kChatty = R"(import os, sys, time
data = os.environ["DATA_DIR"]
runs = os.path.join(data, "runs")
with open(runs, "a") as file: file.write(".")
run = os.path.getsize(runs)
def batch(number):
    for i in range(int(sys.argv[1])):
        print(f"run {run} batch {number} line {i} {'x' * (i % 60)}")
    print(f"run {run} batch {number} done", flush=True)
batch(0)
sys.stdout.buffer.write(b"\x1b[31mred\x1b[0m \x00\xff\xfe \xe2\x80\xae binary\n")
sys.stdout.buffer.flush()
number = 1
while True:
    wanted = os.path.join(data, f"batch{number}")
    if os.path.exists(wanted):
        os.remove(wanted)
        batch(number)
        number += 1
    time.sleep(0.02)
)";

constexpr char kBytes[] = "\x1b[31mred\x1b[0m \0\xff\xfe \xe2\x80\xae binary\n";
constexpr char kShown[] = "\x1b[31mred\x1b[0m \0\xef\xbf\xbd\xef\xbf\xbd \xe2\x80\xae binary\n";  // as JSON has it
const std::string kBinary(kBytes, sizeof kBytes - 1);

std::string batch(int run, int number) {
  std::string text;
  const std::string head = "run " + std::to_string(run) + " batch " + std::to_string(number) + " ";
  for (int i = 0; i < kLines; ++i) {
    text += head + "line " + std::to_string(i) + " " + std::string(static_cast<std::size_t>(i % 60), 'x') + "\n";
  }
  return text + head + "done\n";
}

}  // namespace

class Logs : public Journey {
 protected:
  std::string chatty(const std::string& version, const std::string& program = kChatty) {
    const std::string folder = path("chatty-" + version);
    std::filesystem::create_directories(folder + "/app");
    writeText(folder + "/app/main.py", program);
    writeText(folder + "/service.json", R"({ "service_id": "chatty", "version": ")" + version + R"(", "name": "Chatty",
      "platforms": { "linux-x64": { "entrypoint": "app/main.py", "files": { "requires": ["service.json", "app/"] },
        "exec": { "type": "python", "entry": "app/main.py", "args": [")" +
                                            std::to_string(kLines) + R"("] } } },
      "health_check": { "type": "none", "startup_grace_ms": 500 }, "restart": { "policy": "never" },
      "upgrade": { "probation_ms": 500 }, "env_schema": {}, "logs": { "max_bytes": 262144, "archives": 200 } })");
    return folder;
  }
  void serve() {
    startHub();
    startAgent();
    publish(chatty("1.0.0"));
    const auto installed = tenon("install chatty");
    ASSERT_EQ(installed.status, 0) << installed.err;
  }
  void ask(int number) { writeText(serviceFolder("chatty") + "/data/batch" + std::to_string(number), ""); }
  std::string logs(const std::string& options = "--tail 1000000") const {
    const auto answer = tenon("logs chatty " + options);
    EXPECT_EQ(answer.status, 0) << answer.err;
    return answer.out;
  }
  bool logged(const std::string& line) {
    return eventually([&] { return tenon("logs chatty --tail 3").out.find(line) != std::string::npos; });
  }
  int archives() const {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(serviceFolder("chatty") + "/logs")) {
      if (entry.path().string().ends_with(".log.gz")) ++count;
    }
    return count;
  }
};

TEST_F(Logs, EveryLineIsThereOnceThroughRotationsAndKilledAgents) {
  serve();
  ASSERT_TRUE(logged("binary"));
  ASSERT_TRUE(eventually([&] { return archives() >= 5; }));
  const std::string first = batch(1, 0) + kBinary;
  EXPECT_TRUE(logs() == first);

  endAgent(End::Killed);
  ask(1);
  startAgent();
  ASSERT_TRUE(logged("batch 1 done"));
  ASSERT_TRUE(eventually([&] { return archives() >= 10; }));
  EXPECT_TRUE(logs() == first + batch(1, 1));

  ask(2);
  endAgent(End::Killed);  // while it writes
  startAgent();
  ASSERT_TRUE(logged("batch 2 done"));
  EXPECT_TRUE(logs() == first + batch(1, 1) + batch(1, 2));
}

TEST_F(Logs, AreSearchedAndCutToWhatIsAsked) {
  serve();
  ASSERT_TRUE(logged("binary"));
  ASSERT_TRUE(eventually([&] { return archives() >= 3; }));
  EXPECT_EQ(logs("--grep done$"), "run 1 batch 0 done\n");
  EXPECT_EQ(logs("--grep line\\s77\\s --tail 5"), "run 1 batch 0 line 77 " + std::string(17, 'x') + "\n");
  EXPECT_EQ(logs("--grep batch\\s0\\sline --tail 1"), "run 1 batch 0 line 29999 " + std::string(59, 'x') + "\n");
  EXPECT_EQ(logs("--tail 1"), kBinary);
  EXPECT_EQ(tenon("logs chatty --grep (").status, 64);
  EXPECT_EQ(tenon("logs chatty --since yesterday").status, 64);
  EXPECT_EQ(tenon("logs chatty --previous").status, 4);
  EXPECT_EQ(tenon("logs chatty@9.9.9").status, 4);
  EXPECT_TRUE(logs("--since 1d") == batch(1, 0) + kBinary);

  // What follows sees what comes, once.
  Background follower(TENON_PROGRAM, {"--root", root(), "logs", "chatty", "-f", "--tail", "1"});
  ASSERT_TRUE(eventually([&] { return follower.output() == kBinary; }));
  ask(1);
  ASSERT_TRUE(eventually([&] { return follower.output().ends_with("batch 1 done\n"); }));
  EXPECT_TRUE(follower.output() == kBinary + batch(1, 1));
  follower.kill();
}

TEST_F(Logs, TheRunBeforeAndAReleaseThatFailedCanBeReadAfterwards) {
  serve();
  ASSERT_TRUE(logged("binary"));
  ASSERT_EQ(tenon("restart chatty").status, 0);
  ASSERT_TRUE(logged("binary"));
  EXPECT_TRUE(logs("--previous") == batch(1, 0) + kBinary);
  EXPECT_TRUE(eventually([&] { return logs() == batch(1, 0) + kBinary + batch(2, 0) + kBinary; }));

  publish(chatty("1.1.0", "print('1.1.0 cannot', flush=True)\nraise SystemExit(3)\n"), 1);
  const auto upgraded = tenon("upgrade chatty");
  EXPECT_EQ(upgraded.status, 3) << upgraded.out << upgraded.err;
  EXPECT_EQ(status("chatty")["version"], "1.0.0");
  EXPECT_FALSE(std::filesystem::exists(serviceFolder("chatty") + "/versions/1.1.0"));
  EXPECT_EQ(tenon("logs chatty@1.1.0").out, "1.1.0 cannot\n");
  ASSERT_EQ(tenon("prune chatty").status, 0);
  EXPECT_TRUE(logs("--grep done$").starts_with("run 1 batch 0 done\nrun 2 batch 0 done\n"));
}

TEST_F(Logs, Case86BytesArePipedAsTheyAreShownAsTextAndAlwaysValidInJson) {
  serve();
  ASSERT_TRUE(logged("binary"));
  EXPECT_EQ(logs("--tail 1"), kBinary);
  const auto json = Json::parse(tenon("-o json logs chatty --tail 2").out);
  ASSERT_TRUE(json) << json.error().message();
  const auto rows = json->member("lines").value().array().value();
  ASSERT_EQ(rows.size(), 2U);
  const std::string line = rows[1].member("line").value().string().value();
  EXPECT_TRUE(isUtf8(line));
  EXPECT_TRUE(line.starts_with("\x1b[31mred"));
  const auto lines = tenon("-o jsonl logs chatty --tail 2").out;
  EXPECT_TRUE(isUtf8(lines));
  EXPECT_TRUE(Json::parse(lines.substr(0, lines.find('\n'))));

  // The API itself.
  const std::string address =
      Json::parse(readText(root() + "/run/agent.json")).value().member("address").value().string().value();
  const auto answer = shell("python3 - '" + address.substr(address.find(':') + 1) + R"(' <<'END'
import http.client, socket, sys
connection = http.client.HTTPConnection("localhost")
connection.sock = socket.socket(socket.AF_UNIX)
connection.sock.connect(sys.argv[1])
connection.request("GET", "/v1/services/chatty/logs?lines=1&format=json")
sys.stdout.buffer.write(connection.getresponse().read())
END)");
  const auto piece = Json::parse(answer.out);
  ASSERT_TRUE(piece) << answer.out << answer.err;
  EXPECT_EQ(piece->member("text").value().string().value(), std::string(kShown, sizeof kShown - 1));
  EXPECT_EQ(piece->member("next").value().text(), piece->member("end").value().text());

  const auto terminal = shell("script -qec \"'" + std::string(TENON_PROGRAM) + "' --root '" + root() +
                              "' logs chatty --tail 1\" /dev/null </dev/null");
  if (terminal.status == 127) GTEST_SKIP() << "script is not here";
  EXPECT_NE(terminal.out.find("\\x1b[31mred\\x1b[0m \\x00\\xff\\xfe \\xe2\\x80\\xae binary"), std::string::npos)
      << terminal.out;
  EXPECT_EQ(terminal.out.find('\x1b'), std::string::npos);
}

}  // namespace tenon::host
