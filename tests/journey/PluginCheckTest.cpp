// `tenon plugin check` and what it writes.
#include <filesystem>

#include "host/trust/SignatureFile.h"
#include "tests/journey/Journey.h"

namespace tenon::host {

class PluginCheck : public Journey {
 protected:
  static std::string library(const std::string& driver) {
    const bool windows = platformName() == "windows-x64";
    return std::string(TENON_BINARY_DIR) + "/lib/tenon/plugins/" + driver + (windows ? ".dll" : ".so");
  }
  static std::string golden(const std::string& driver) { return TENON_SOURCE_DIR "/tests/plugins/golden/" + driver; }
};

TEST_F(PluginCheck, PassesADriverThatShipsAndSignsThat) {
  ASSERT_EQ(tenon("key gen --out " + path("vendor")).status, 0);
  // Whose golden vectors mean the same on every system.
  const auto checked = tenon("plugin check " + library("java") + " --golden " + golden("java") + " --keep " + path("kept") +
                             " --documents 1000" + " --result " + path("conformance.json") + " --key " + path("vendor.key"));
  EXPECT_EQ(checked.status, 0) << checked.out << checked.err;
  EXPECT_NE(checked.out.find("exports-one-symbol"), std::string::npos) << checked.out;
  EXPECT_NE(checked.out.find("java 0.1.0 passed"), std::string::npos) << checked.out;
  EXPECT_NE(checked.out.find("1000 documents of seed 1"), std::string::npos) << checked.out;
  EXPECT_FALSE(std::filesystem::exists(path("kept")));

  const std::string text = readText(path("conformance.json"));
  const auto lines = parseSignatureFile(readText(path("conformance.json.sig"))).value();
  const auto key = publicKeyFromText(readText(path("vendor.pub"))).value();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].keyId, keyId(key));
  EXPECT_TRUE(verifyEd25519(key, text, asText(lines[0].signature)));
  const auto document = Json::parse(text).value();
  EXPECT_EQ(document.stringOr("outcome", "").value(), "passed");
  EXPECT_EQ(document.member("checks").value().array().value().size(), 10u);
}

TEST_F(PluginCheck, TellsWhatIsWrongByAnErrorAndAPage) {
  const auto inconclusive = tenon("-o json plugin check " + library("python") + " --documents 100 --keep " + path("kept"));
  EXPECT_EQ(inconclusive.status, 1);
  EXPECT_NE(inconclusive.out.find("\"outcome\":\"inconclusive\""), std::string::npos) << inconclusive.out;
  EXPECT_NE(inconclusive.err.find("conformance-failed"), std::string::npos) << inconclusive.err;
  EXPECT_NE(inconclusive.err.find("--golden DIR or --service DIR"), std::string::npos) << inconclusive.err;
  EXPECT_EQ(tenon("plugin check " + library("none")).status, 4);
  EXPECT_EQ(tenon("plugin check " + library("argv") + " --key x.key").status, 64);
  const auto page = tenon("explain survives-nonsense");
  EXPECT_EQ(page.status, 0);
  EXPECT_NE(page.out.find("tenon plugin replay"), std::string::npos) << page.out;
}

TEST_F(PluginCheck, MakesAKeptCallAgain) {
  writeText(path("call.json"), R"({"schema":"tenon.plugin-call/1","plugin":"argv","version":"0.1.0","library":")" +
                                   library("argv") +
                                   R"(","check":"survives-nonsense","operation":"plan","told":"it crashed","request":"{"})");
  const auto again = tenon("-o json plugin replay " + path("call.json"));
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(Json::parse(again.out).value().integerOr("code", 0, 0, 9).value(), 1) << again.out;
  EXPECT_EQ(tenon("plugin replay " + path("call.json") + " " + library("python")).status, 0);
  writeText(path("call.json"), "{}");
  EXPECT_EQ(tenon("plugin replay " + path("call.json")).status, 5);
}

}  // namespace tenon::host
