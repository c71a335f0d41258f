// A release that is carried to a node without a network: one file, made where the hub can be reached, installed where it
// cannot, and asked for the same proofs as a hub.
#include "tests/journey/Journey.h"

namespace tenon::host {

class Bundles : public Journey {
 protected:
  // The newest langid as a bundle; the hub is gone afterwards.
  std::string bundle() {
    const std::string file = path("langid.bundle");
    const auto made = tenon("export langid --hub " + hubUrl() + " -o " + file);
    EXPECT_EQ(made.status, 0) << made.err;
    stopHub();
    return file;
  }
  void expectServes(const std::string& version) {
    EXPECT_EQ(status("langid")["version"], version);
    EXPECT_NE(get(status("langid")["port"], "/health").find(version), std::string::npos);
  }
  void expectRefused(const std::string& file, int exitStatus, const std::string& code) {
    const std::string before = snapshot(root() + "/services");
    const auto refused = tenon("install " + file);
    EXPECT_EQ(refused.status, exitStatus) << refused.out << refused.err;
    EXPECT_NE(refused.err.find("error " + code), std::string::npos) << refused.err;
    EXPECT_EQ(snapshot(root() + "/services"), before);
  }
};

TEST_F(Bundles, InstallAndUpgradeWithoutANetwork) {
  startHub();
  publish(langid("1.0.0"));
  const std::string first = path("first.bundle");
  ASSERT_EQ(tenon("export langid@1.0.0 --hub " + hubUrl() + " -o " + first).status, 0);
  publish(langid("1.1.0"));
  const std::string second = bundle();
  startAgent();
  ASSERT_EQ(tenon("install langid").status, 7);
  auto done = tenon("install " + first);
  ASSERT_EQ(done.status, 0) << done.err;
  expectServes("1.0.0");
  done = tenon("install " + second);
  ASSERT_EQ(done.status, 0) << done.err;
  expectServes("1.1.0");
  expectRefused(first, 5, "downgrade-refused");
  ASSERT_EQ(tenon("rollback langid").status, 0);
  expectServes("1.0.0");
}

TEST_F(Bundles, AreBelievedInNothing) {
  startHub();
  publish(langid("1.0.0"));
  const std::string file = bundle();
  startAgent();
  flipByte(file, static_cast<long>(readText(file).size() / 2));
  EXPECT_NE(tenon("install " + file).status, 0);
  EXPECT_EQ(status("langid").size(), 0u);
  expectRefused(path("absent.bundle"), 4, "not-found");
  writeText(path("text.bundle"), "no zip");
  EXPECT_EQ(tenon("install " + path("text.bundle")).status, 5);
}

TEST_F(Bundles, SignedByAStrangerAreRefused) {
  startHub();
  publish(langid("1.0.0"));
  const std::string file = bundle();
  ASSERT_EQ(tenon("key gen --out " + path("other")).status, 0);
  useTrust(path("other.pub"));
  startAgent();
  expectRefused(file, 5, "key-unknown");
}

TEST_F(Bundles, CarryTheRootsAndTheIndex) {
  ASSERT_EQ(tenon("key gen --out " + path("online")).status, 0);
  ASSERT_EQ(tenon("trust create " + path("roots") + " --root-key " + path("release.pub") + " --index-key " +
                  path("online.pub") + " --release-key " + path("release.pub"))
                .status,
            0);
  ASSERT_EQ(tenon("trust sign " + path("roots/1.json") + " --key " + path("release.key")).status, 0);
  startHub("--index-key " + path("online.key"));
  const std::string hub = " --hub " + hubUrl() + " --token-file " + path("hub/token");
  ASSERT_EQ(tenon("trust publish " + path("roots/1.json") + hub).status, 0);
  useTrust(path("roots/1.json"));
  publish(langid("1.0.0"), 1);
  ASSERT_EQ(tenon("trust rotate " + path("roots") + " --revoke-release langid@0.9.0").status, 0);
  ASSERT_EQ(tenon("trust sign " + path("roots/2.json") + " --key " + path("release.key")).status, 0);
  ASSERT_EQ(tenon("trust publish " + path("roots/2.json") + hub).status, 0);
  const std::string file = bundle();
  startAgent();
  const auto done = tenon("install " + file);
  ASSERT_EQ(done.status, 0) << done.err;
  expectServes("1.0.0");
  EXPECT_NE(tenon("status").out.find("trust: root 2"), std::string::npos);
}

TEST_F(Bundles, AreWholeOrNotThere) {
  startHub();
  publish(langid("1.0.0"));
  const std::string file = path("once.bundle");
  ASSERT_EQ(tenon("export langid --hub " + hubUrl() + " -o " + file).status, 0);
  const std::string bytes = readText(file);
  const auto refused = tenon("export langid --hub " + hubUrl() + " -o " + file);
  EXPECT_NE(refused.err.find("error already-exists"), std::string::npos) << refused.err;
  EXPECT_TRUE(readText(file) == bytes);
  ASSERT_EQ(tenon("export langid --hub " + hubUrl() + " -o " + path("again.bundle")).status, 0);
  EXPECT_TRUE(readText(path("again.bundle")) == bytes);
  EXPECT_EQ(tenon("export absent --hub " + hubUrl() + " -o " + path("absent.bundle")).status, 4);
}

}  // namespace tenon::host
