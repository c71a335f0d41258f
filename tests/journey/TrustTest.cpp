// Mode `root` through the real programs: the ceremony, a hub with an online key, a node that follows; what a hub that was
// taken over can do.

#include <filesystem>
#include <regex>

#include "host/trust/KeyFile.h"
#include "tests/journey/Journey.h"

namespace tenon::host {

class Trust : public Journey {
 protected:
  void expectError(const Outcome& outcome, int exitStatus, const std::string& code) {
    EXPECT_EQ(outcome.status, exitStatus) << outcome.out << outcome.err;
    EXPECT_NE(outcome.err.find("error " + code), std::string::npos) << outcome.out << outcome.err;
  }
  void key(const std::string& name) { expectDone(tenon("key gen --out " + path(name))); }
  std::string keyId(const std::string& name) const {
    return host::keyId(publicKeyFromText(readText(path(name + ".pub"))).value());
  }
  std::string rootFile(int version) const { return path("roots/" + std::to_string(version) + ".json"); }
  void sign(int version, const std::vector<std::string>& keys) {
    for (const auto& name : keys) expectDone(tenon("trust sign " + rootFile(version) + " --key " + path(name + ".key")));
  }
  std::string hubOptions() const { return " --hub " + hubUrl() + " --token-file " + path("hub/token"); }
  void publishRoot(int version) { expectDone(tenon("trust publish " + rootFile(version) + hubOptions())); }
  void rotate(const std::string& change, int version, const std::vector<std::string>& keys) {
    expectDone(tenon("trust rotate " + path("roots") + " " + change));
    sign(version, keys);
    publishRoot(version);
  }
  // Alice, Bob and Carol hold the root keys, two must sign; the hub has "online", the author "release".
  void ceremony() {
    for (const char* name : {"alice", "bob", "carol", "online"}) key(name);
    expectDone(tenon("trust create " + path("roots") + " --root-key " + path("alice.pub") + " --root-key " +
                     path("bob.pub") + " --root-key " + path("carol.pub") + " --root-threshold 2 --index-key " +
                     path("online.pub") + " --release-key " + path("release.pub")));
    sign(1, {"alice", "bob"});
  }
  void begin() {
    ceremony();
    startHub("--index-key " + path("online.key"));
    publishRoot(1);
    useTrust(rootFile(1));
    startAgent();
  }
  // What a document says, said otherwise: patterns, and what stands in their place.
  using Changes = std::vector<std::pair<std::string, std::string>>;
  static std::string with(const Changes& changes, std::string text) {
    for (const auto& [pattern, instead] : changes) {
      EXPECT_TRUE(std::regex_search(text, std::regex(pattern))) << pattern << " is not in " << text;
      text = std::regex_replace(text, std::regex(pattern), instead);
    }
    return text;
  }
  std::string hubPort() const { return hubUrl().substr(hubUrl().rfind(':') + 1); }
  // A node follows roots whenever it asks its hub, whatever comes of the rest.
  void learns() { expectDone(tenon("plan install langid")); }
  // The node's trust/ and the service's folder, byte for byte; and the service still answers.
  void refuses(const std::string& arguments, int exitStatus, const std::string& code) {
    const std::string trust = snapshot(root() + "/trust"), service = snapshot(serviceFolder("langid"));
    expectError(tenon(arguments), exitStatus, code);
    EXPECT_EQ(snapshot(root() + "/trust"), trust);
    EXPECT_EQ(snapshot(serviceFolder("langid")), service);
    EXPECT_NE(get(status("langid")["port"], "/health").find(status("langid")["version"]), std::string::npos);
  }
};

TEST_F(Trust, IsBegunInstalledByAndFollowedThroughRotations) {
  begin();
  publish(langid("1.0.0"), 1);
  const auto plan = tenon("plan install langid");
  EXPECT_NE(plan.out.find("by root 1, index 1"), std::string::npos) << plan.out << plan.err;
  expectDone(tenon("install langid"));
  EXPECT_NE(tenon("status").out.find("trust: root 1"), std::string::npos);

  // Carol leaves, Dave comes; the hub gets another online key.
  key("dave");
  key("online2");
  rotate("--remove-root-key " + keyId("carol") + " --add-root-key " + path("dave.pub") + " --revoke-key " + keyId("online") +
             " --add-index-key " + path("online2.pub"),
         2, {"alice", "bob"});
  EXPECT_EQ(tenon("plan install langid").status, 7);
  refuses("upgrade langid", 7, "network-protocol");  // the hub has no key that counts
  stopHub();
  startHub("--index-key " + path("online2.key"));
  publish(langid("1.1.0"), 2);
  expectDone(tenon("upgrade langid"));
  EXPECT_EQ(status("langid")["version"], "1.1.0");
  const auto shown = tenon("trust show");
  EXPECT_NE(shown.out.find("root 2 is in force"), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find(keyId("dave")), std::string::npos) << shown.out;

  // And once more, by those of root 2; a new node goes the whole way from root 1.
  rotate("--revoke-release langid@1.0.0", 3, {"bob", "dave"});
  endAgent(End::Asked);
  startAgent();
  EXPECT_EQ(status("langid")["version"], "1.1.0");
  learns();
  refuses("install langid@1.0.0 --allow-downgrade", 5, "release-revoked");
  refuses("rollback langid", 5, "release-revoked");
  EXPECT_NE(tenon("status").out.find("trust: root 3"), std::string::npos);
}

TEST_F(Trust, RevokedReleaseRunsOnAndIsNotInstalledAnew) {
  begin();
  publish(langid("1.0.0"), 1);
  publish(langid("1.1.0"), 2);
  expectDone(tenon("install langid"));
  rotate("--revoke-release langid@1.1.0", 2, {"carol", "alice"});
  learns();
  refuses("install langid@1.1.0", 5, "release-revoked");
  EXPECT_EQ(status("langid")["state"], "ready");
  publish(langid("1.2.0"), 3);
  expectDone(tenon("upgrade langid"));
  refuses("rollback langid", 5, "release-revoked");
}

TEST_F(Trust, YankedReleaseIsPassedOver) {
  begin();
  publish(langid("1.0.0"), 1);
  publish(langid("1.1.0"), 2);
  expectDone(tenon("yank langid@1.1.0" + hubOptions()));
  expectDone(tenon("install langid"));
  EXPECT_EQ(status("langid")["version"], "1.0.0");
  refuses("install langid@1.1.0", 5, "release-revoked");
  expectDone(tenon("yank langid@1.1.0 --undo" + hubOptions()));
  expectDone(tenon("upgrade langid"));
  EXPECT_EQ(status("langid")["version"], "1.1.0");
}

// The hub's files on a plain web server, in the hands of somebody who has its online key or not.
TEST_F(Trust, HubThatWasTakenOverCanWithholdAndNothingElse) {
  begin();
  publish(langid("1.0.0"), 1);
  get(hubPort(), "/v1/index/" + platformName() + ".json");  // number 1
  publish(langid("1.1.0"), 2);
  expectDone(tenon("install langid"));
  const std::string index = get(hubPort(), "/v1/index/" + platformName() + ".json");
  ASSERT_NE(index.find("\"sequence\": "), std::string::npos);
  stopHub();
  std::filesystem::create_directories(path("www/v1/index"));
  std::filesystem::create_directories(path("www/v1/root"));
  startWebServer({path("www"), path("hub")});
  const std::string file = path("www/v1/index/" + platformName() + ".json");
  const auto serveIndex = [&](const Changes& changes, const std::string& keyName) {
    const std::string changed = with(changes, index);
    writeText(file, changed);
    const auto key = secretKeyFromPem(readText(path(keyName + ".key"))).value();
    writeText(file + ".sig", "ed25519 " + keyId(keyName) + " " + toBase64(asText(signEd25519(key, changed))) + "\n");
  };
  const Changes next = {{R"("sequence": \d+)", R"("sequence": 90)"}};
  serveIndex({}, "online");
  expectDone(tenon("upgrade langid"));  // the same index from another server: nothing to do

  serveIndex(next, "release");
  refuses("upgrade langid", 5, "key-role");
  key("mallory");
  serveIndex(next, "mallory");
  refuses("upgrade langid", 5, "key-unknown");
  writeText(file + ".sig", "");
  refuses("upgrade langid", 5, "signature-invalid");
  serveIndex({{R"("sequence": \d+)", R"("sequence": 1)"}}, "online");
  refuses("upgrade langid", 5, "metadata-rollback");
  serveIndex({{R"("channel": "stable")", R"("channel": "beta")"}}, "online");
  refuses("upgrade langid", 5, "metadata-equivocation");
  serveIndex({next[0],
              {R"("expires": "\d{4}-\d\d-\d\d)", R"("expires": "2026-01-01)"},
              {R"("issued": "\d{4}-\d\d-\d\d)", R"("issued": "2025-12-25)"}},
             "online");
  refuses("upgrade langid", 5, "metadata-expired");
  expectDone(tenon("restart langid"));  // expiry stops no service
  serveIndex({next[0], {R"("manifest_sha256": "....)", R"("manifest_sha256": "0000)"}}, "online");
  refuses("install langid@1.0.0 --allow-downgrade", 5, "binding-mismatch");
  serveIndex(next, "online");
  refuses("install langid@1.0.0", 5, "downgrade-refused");

  // A root of its own.
  writeText(path("www/v1/root/2.json"), with({{R"("version": 1)", R"("version": 2)"}}, readText(rootFile(1))));
  writeText(path("www/v1/root/2.json.sig"), readText(rootFile(1) + ".sig"));
  refuses("upgrade langid", 5, "signature-invalid");
  std::filesystem::remove(path("www/v1/root/2.json"));

  // All that is left: to say nothing new, or nothing at all.
  expectDone(tenon("upgrade langid"));
  std::filesystem::remove(file);
  refuses("upgrade langid", 4, "not-found");
}

TEST_F(Trust, RootIsPinnedBeforeTheAgentStartsAndOnlyReplacedByItsSuccessor) {
  ceremony();
  expectDone(tenon("trust init " + rootFile(1)));
  expectDone(tenon("trust init " + rootFile(1)));
  expectDone(tenon("trust create " + path("other") + " --root-key " + path("bob.pub") + " --index-key " + path("bob.pub") +
                   " --release-key " + path("bob.pub")));
  expectError(tenon("trust init " + path("other/1.json")), 4, "not-found");  // nobody has signed it
  expectDone(tenon("trust sign " + path("other/1.json") + " --key " + path("bob.key")));
  expectError(tenon("trust init " + path("other/1.json")), 1, "already-exists");
  startAgent();  // --trust release.pub counts for nothing beside a root
  EXPECT_TRUE(eventually([&] { return agentOutput().find("is not used") != std::string::npos; })) << agentOutput();
  EXPECT_NE(tenon("trust show").out.find("root 1 is in force"), std::string::npos);
  expectError(tenon("trust init " + rootFile(1)), 10, "busy");
  expectError(tenon("key trust " + path("release.pub")), 64, "usage");
  EXPECT_NE(tenon("key list").out.find(keyId("alice")), std::string::npos);
}

TEST_F(Trust, KeysAreTrustedAndRevokedWhileTheAgentRuns) {
  startHub();
  startAgent();
  EXPECT_NE(tenon("status").out.find("trust: a list of keys"), std::string::npos);
  key("second");
  const std::string folder = langid("1.0.0");
  expectDone(tenon("pack " + folder + " -o " + folder + ".zip --key " + path("second.key")));
  expectDone(tenon("publish " + folder + ".zip" + hubOptions()));
  expectError(tenon("install langid"), 5, "key-unknown");
  expectDone(tenon("key trust " + path("second.pub")));
  expectDone(tenon("install langid"));
  expectDone(tenon("key revoke " + keyId("second")));
  const std::string newer = langid("1.1.0");
  expectDone(tenon("pack " + newer + " -o " + newer + ".zip --key " + path("second.key")));
  expectDone(tenon("publish " + newer + ".zip" + hubOptions()));
  refuses("upgrade langid", 5, "key-revoked");
  endAgent(End::Asked);
  startAgent();
  refuses("upgrade langid", 5, "key-revoked");
}

}  // namespace tenon::host
