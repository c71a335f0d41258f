// Wrong input of every kind: the named error, the right exit status, and nothing changed.
#include <csignal>
#include <filesystem>

#include "tests/journey/Journey.h"

namespace tenon::host {

class Refusals : public Journey {
 protected:
  // 1.0.0 serves; what follows must not touch it.
  void serve() {
    startHub();
    startAgent();
    publish(langid("1.0.0"));
    ASSERT_EQ(tenon("install langid").status, 0);
    before_ = snapshot(serviceFolder("langid"));
  }
  void expectRefused(const Outcome& outcome, int exitStatus, const std::string& code) {
    EXPECT_EQ(outcome.status, exitStatus) << outcome.out << outcome.err;
    EXPECT_NE(outcome.err.find("error " + code), std::string::npos) << outcome.err;
    EXPECT_EQ(snapshot(serviceFolder("langid")), before_);
    EXPECT_NE(get(status("langid")["port"], "/health").find("\"1.0.0\""), std::string::npos);
  }
  // Puts a changed zip into the hub, listed with its new hash, as a hub that was taken over would.
  void exchange(const std::string& version, const std::string& zip) {
    const std::string listed = inHub("langid", version, "variant.json");
    const std::string was = shell("sha256sum <" + inHub("langid", version, "service.zip")).out.substr(0, 64);
    const std::string is = shell("sha256sum <" + zip).out.substr(0, 64);
    shell("cp " + zip + " " + inHub("langid", version, "service.zip"));
    shell("sed -i 's/" + was + "/" + is + "/g; s/\"size_bytes\": *[0-9]*/\"size_bytes\": '$(stat -c %s " + zip + ")'/' " +
          listed);
    stopHub();
    startHub();
  }

 private:
  std::string before_;
};

TEST_F(Refusals, OneByteFlippedInContentManifestOrSignature) {
  serve();
  const std::string zip = publish(langid("1.1.0"), 1);
  const std::string bytes = readText(zip);
  struct Case {
    std::size_t offset;
    std::string code;
  };
  const auto find = [&](const std::string& text, std::size_t plus) { return bytes.find(text) + plus; };
  const std::vector<Case> cases = {{find("tenon-manifest 1", 30), "signature-invalid"},
                                   {find("ed25519 ", 90), "signature-invalid"},
                                   {find("app/main.py", 200), "c"}};
  for (const auto& [offset, code] : cases) {
    const std::string changed = path("changed.zip");
    writeText(changed, bytes);
    flipByte(changed, static_cast<long>(offset));
    exchange("1.1.0", changed);
    const auto upgraded = tenon("upgrade langid");
    EXPECT_EQ(upgraded.status, 5) << offset << upgraded.out << upgraded.err;
    if (code != "c") expectRefused(upgraded, 5, code);
    const auto verified = tenon("verify " + changed + " --trust " + path("release.pub"));
    EXPECT_EQ(verified.status, 5) << offset << verified.out;
  }
}

TEST_F(Refusals, UnsignedAndSignedByAStranger) {
  serve();
  const std::string unsignedZip = pack(langid("1.1.0"), 1, false);
  EXPECT_EQ(tenon("verify " + unsignedZip + " --trust " + path("release.pub")).status, 5);
  ASSERT_EQ(tenon("key gen --out " + path("stranger")).status, 0);
  const std::string folder = langid("1.2.0");
  ASSERT_EQ(tenon("pack " + folder + " -o " + folder + ".zip --key " + path("stranger.key")).status, 0);
  ASSERT_EQ(tenon("publish " + folder + ".zip --hub " + hubUrl() + " --token-file " + path("hub/token")).status, 0);
  expectRefused(tenon("upgrade langid"), 5, "key-unknown");
}

TEST_F(Refusals, AnotherPackageUnderThisName) {
  serve();
  const std::string real = publish(langid("1.2.0"), 2);
  publish(langid("1.1.0"), 1);
  exchange("1.1.0", real);
  expectRefused(tenon("install langid@1.1.0"), 5, "binding-mismatch");
}

TEST_F(Refusals, WrongPlatform) {
  serve();
  const std::string folder = langid("1.1.0");
  replaceIn(folder + "/service.json", "\"linux-x64\"", "\"linux-riscv64\"");
  publish(folder, 1);
  expectRefused(tenon("install langid@1.1.0"), 1, "platform-unsupported");
}

TEST_F(Refusals, ExecTypeThatNoDriverAnswers) {
  serve();
  const std::string folder = langid("1.1.0");
  replaceIn(folder + "/service.json", "\"type\": \"python\"", "\"type\": \"cobol\"");
  publish(folder, 1);
  expectRefused(tenon("upgrade langid"), 1, "driver-missing");
}

TEST_F(Refusals, EntryThatIsNotInThePackage) {
  serve();
  const std::string folder = langid("1.1.0");
  replaceIn(folder + "/service.json", "\"entry\": \"app/main.py\"", "\"entry\": \"app/other.py\"");
  publish(folder, 1);
  const auto upgraded = tenon("upgrade langid");
  expectRefused(upgraded, 1, "plan-invalid");
  EXPECT_NE(upgraded.err.find("app/other.py"), std::string::npos) << upgraded.err;
}

TEST_F(Refusals, RequiredFileThatIsNotInTheFolder) {
  const std::string folder = langid("1.1.0");
  std::filesystem::remove_all(folder + "/models");
  const auto packed = tenon("pack " + folder + " -o " + path("x.zip"));
  EXPECT_EQ(packed.status, 5);
  EXPECT_NE(packed.err.find("content-missing"), std::string::npos) << packed.err;
  EXPECT_FALSE(std::filesystem::exists(path("x.zip")));
}

TEST_F(Refusals, HubThatIsDown) {
  serve();
  stopHub();
  expectRefused(tenon("upgrade langid"), 7, "network-unreachable");
}

TEST_F(Refusals, OlderRelease) {
  startHub();
  startAgent();
  publish(langid("1.0.0"));
  publish(langid("1.1.0"), 1);
  ASSERT_EQ(tenon("install langid").status, 0);
  const auto older = tenon("install langid@1.0.0");
  EXPECT_EQ(older.status, 5);
  EXPECT_NE(older.err.find("downgrade-refused"), std::string::npos) << older.err;
  EXPECT_EQ(tenon("install langid@1.0.0 --allow-downgrade").status, 0);
  EXPECT_EQ(status("langid")["version"], "1.0.0");
}

TEST_F(Refusals, ServiceThatNobodyKnows) {
  serve();
  const auto unknown = tenon("install nothing-of-that-name");
  EXPECT_EQ(unknown.status, 4) << unknown.err;
  EXPECT_FALSE(std::filesystem::exists(serviceFolder("nothing-of-that-name")));
  EXPECT_EQ(tenon("status nothing-of-that-name").status, 4);
}

TEST_F(Refusals, CommandsThatMakeNoSense) {
  const auto misspelt = tenon("instal langid");
  EXPECT_EQ(misspelt.status, 64);
  EXPECT_NE(misspelt.err.find("did you mean install?"), std::string::npos) << misspelt.err;
  const auto noAgent = tenon("status -o json");
  EXPECT_EQ(noAgent.status, 7);
  const auto problem = Json::parse(noAgent.err);
  ASSERT_TRUE(problem) << noAgent.err;
  EXPECT_EQ(*problem->member("code")->string(), "network-unreachable");
  EXPECT_NE(problem->member("hint")->string()->find("tenon agent"), std::string::npos);
}

}  // namespace tenon::host
