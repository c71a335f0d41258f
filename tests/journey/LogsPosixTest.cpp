// Logs that are rotated while they are written; `tenon logs` at a terminal, and the API below it.
#include "tests/journey/Logs.h"
#include "tests/journey/Posix.h"

namespace tenon::host {

constexpr char kShown[] = "\x1b[31mred\x1b[0m \0\xef\xbf\xbd\xef\xbf\xbd \xe2\x80\xae binary\n";  // as JSON has it

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

TEST_F(Logs, Case86TheApiGivesTextAndATerminalGetsNothingThatItWouldObey) {
  serve();
  ASSERT_TRUE(logged("binary"));
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
