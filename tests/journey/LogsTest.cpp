// `tenon logs`: searched, followed, of runs and releases that are gone, as bytes and as text.
#include "host/base/Utf8.h"
#include "tests/journey/Logs.h"

namespace tenon::host {

TEST_F(Logs, AreSearchedAndCutToWhatIsAsked) {
  serve();
  ASSERT_TRUE(logged("binary"));
  ASSERT_TRUE(eventually([&] { return !rotatesMeanwhile() || archives() >= 3; }));
  if (!rotatesMeanwhile()) {
    EXPECT_TRUE(eventually([&] { return readText(root() + "/events.jsonl").find("log-not-rotated") != std::string::npos; }));
  }
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
  ASSERT_TRUE(eventually([&] { return follower.output().ends_with("batch 1 done\n"); }))
      << follower.output().size() << " bytes were followed of " << logs().size();
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

  publish(chatty("1.1.0", "fails"), 1);
  const auto upgraded = tenon("upgrade chatty");
  EXPECT_EQ(upgraded.status, 3) << upgraded.out << upgraded.err;
  EXPECT_EQ(status("chatty")["version"], "1.0.0");
  EXPECT_FALSE(std::filesystem::exists(serviceFolder("chatty") + "/versions/1.1.0"));
  EXPECT_EQ(tenon("logs chatty@1.1.0").out, "this cannot be\n");
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
}

}  // namespace tenon::host
