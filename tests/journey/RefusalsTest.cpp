// Wrong input of every kind: the named error, the right exit status, and nothing changed.
#include <filesystem>
#include <regex>

#include "host/trust/Sha256.h"
#include "tests/host/pack/StrictZip.h"
#include "tests/host/package/ZipMaker.h"
#include "tests/journey/Journey.h"
#include "tests/journey/langid/Langid.h"

namespace tenon::host {

// A zip written anew, with one entry's text changed.
void rewrite(const std::string& from, const std::string& to, const std::string& entry, const std::string& was,
             const std::string& becomes) {
  const StrictZip source(readText(from));
  MadeZip zip;
  for (const auto& old : source.entries()) {
    zip.entries.push_back({.name = old.name, .content = old.content, .attributes = old.mode << 16});
    if (old.name != entry) continue;
    std::string& content = zip.entries.back().content;
    const auto at = content.find(was);
    ASSERT_NE(at, std::string::npos) << entry << " has no " << was;
    content.replace(at, was.size(), becomes);
  }
  writeText(to, zip.bytes());
}

class Refusals : public Journey {
 protected:
  // 1.0.0 serves; what follows must not touch it.
  void serve() {
    ASSERT_NO_FATAL_FAILURE(Journey::serve(langid("1.0.0")));
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
    const std::string bytes = readText(zip), kept = inHub("langid", version, "service.zip");
    const std::regex was(sha256(readText(kept)).hex()), size(R"("size_bytes": *\d+)");
    writeText(kept, bytes);
    const std::string changed = std::regex_replace(readText(listed), was, sha256(bytes).hex());
    writeText(listed, std::regex_replace(changed, size, "\"size_bytes\": " + std::to_string(bytes.size())));
    stopHub();
    startHub();
  }

 private:
  std::string before_;
};

// Of the times and versions in a zip's directory nobody makes anything, so that only the hub's hash of all holds them.
TEST_F(Refusals, OneByteFlippedInContentNamesOrEnds) {
  serve();
  const std::string zip = publish(langid("1.1.0"), 1);
  const std::string bytes = readText(zip);
  const long size = static_cast<long>(bytes.size()), name = static_cast<long>(bytes.rfind("service.json"));
  const std::string changed = path("changed.zip");
  for (const long offset : {60L, 500L, size / 2, name, size - 10}) {
    writeText(changed, bytes);
    flipByte(changed, offset);
    EXPECT_EQ(tenon("verify " + changed + " --trust " + path("release.pub")).status, 5) << offset;
  }
  exchange("1.1.0", changed);
  expectRefused(tenon("upgrade langid"), 5, "archive-invalid");
}

// A zip that is sound in itself, with other content than was signed.
TEST_F(Refusals, OneByteChangedInContentManifestOrSignature) {
  serve();
  const std::string folder = langid("1.1.0");
  writeText(folder + "/models/names.txt", "en English\n");  // a file that the node does not have already
  const std::string zip = publish(folder, 1);
  struct Case {
    std::string entry, from, to, code;
  };
  const std::vector<Case> cases = {{"MANIFEST", "sequence 1", "sequence 2", "signature-invalid"},
                                   {"MANIFEST.sig", "==", "=A", "format-invalid"},
                                   {"models/names.txt", "English", "Englisi", "content-mismatch"},
                                   {"service.json", "Language", "Languagf", "content-mismatch"},
                                   {"MANIFEST.sig", "ed25519 ", "ed25519 0", "format-invalid"}};
  for (const auto& [entry, from, to, code] : cases) {
    const std::string changed = path("changed.zip");
    ASSERT_NO_FATAL_FAILURE(rewrite(zip, changed, entry, from, to));
    const auto verified = tenon("verify " + changed + " --trust " + path("release.pub"));
    EXPECT_EQ(verified.status, 5) << entry << verified.out;
    EXPECT_NE(verified.err.find("error " + code), std::string::npos) << entry << verified.err;
    exchange("1.1.0", changed);
    expectRefused(tenon("upgrade langid"), 5, code);
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
  replaceIn(folder + "/service.json", "\"" + platformName() + "\"", "\"linux-riscv64\"");
  publish(folder, 1);
  expectRefused(tenon("install langid@1.1.0"), 1, "platform-unsupported");
}

TEST_F(Refusals, ExecTypeThatNoDriverAnswers) {
  serve();
  const std::string folder = langid("1.1.0");
  namesNoDriver(folder);
  publish(folder, 1);
  expectRefused(tenon("upgrade langid"), 1, "driver-missing");
}

TEST_F(Refusals, EntryThatIsNotInThePackage) {
  serve();
  const std::string folder = langid("1.1.0");
  namesNoProgram(folder);
  publish(folder, 1);
  const auto upgraded = tenon("upgrade langid");
  expectRefused(upgraded, 1, "plan-invalid");
  EXPECT_NE(upgraded.err.find("app/other"), std::string::npos) << upgraded.err;
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
