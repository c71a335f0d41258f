// Numbers in names are cases of the design's list of faults.
#include "host/trust/KeyRing.h"

#include <gtest/gtest.h>

#include "host/adapter/AtomicFile.h"
#include "host/base/Limits.h"
#include "tests/host/store/CrashSweep.h"
#include "tests/host/trust/Keys.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

PublicKeyBytes key(unsigned char number) { return publicKeyOf(testKey(number)); }
std::string base64(unsigned char number) { return toBase64(asText(key(number))); }

TEST(KeyRing, FindsKeysByIdAndByName) {
  KeyRing ring;
  EXPECT_TRUE(ring.empty());
  ASSERT_TRUE(ring.add(key(1), "company-2025", "release.pub"));
  ASSERT_TRUE(ring.add(key(2), "", "other.pub"));
  ASSERT_NE(ring.byId(keyId(key(1))), nullptr);
  EXPECT_EQ(ring.byId(keyId(key(1)))->source, "release.pub");
  ASSERT_NE(ring.byAlias("company-2025"), nullptr);
  EXPECT_EQ(ring.byAlias("company-2025")->key, key(1));
  EXPECT_EQ(ring.byAlias(""), nullptr);
  EXPECT_EQ(ring.byId("company-2025"), nullptr);
  EXPECT_EQ(ring.all().size(), 2u);
}

TEST(KeyRing, TakesTheSameKeyTwice) {
  KeyRing ring;
  ASSERT_TRUE(ring.add(key(1), "", "a"));
  ASSERT_TRUE(ring.add(key(1), "company-2025", "b"));
  ASSERT_TRUE(ring.add(key(1), "", "c"));
  EXPECT_EQ(ring.all().size(), 1u);
  EXPECT_EQ(ring.byAlias("company-2025")->source, "a");
}

TEST(KeyRing, Case08RefusesOneKeyUnderTwoNames) {
  KeyRing ring;
  ASSERT_TRUE(ring.add(key(1), "one", "a"));
  const auto again = ring.add(key(1), "two", "b");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), ErrorCode::KeyRole);
  EXPECT_NE(again.error().message().find("cannot be two too"), std::string::npos) << again.error().message();
}

TEST(KeyRing, RefusesANameThatAnotherKeyHas) {
  KeyRing ring;
  ASSERT_TRUE(ring.add(key(1), "company", "a"));
  const auto other = ring.add(key(2), "company", "b");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code(), ErrorCode::KeyRole);
  EXPECT_NE(other.error().message().find(shortKeyId(keyId(key(1)))), std::string::npos) << other.error().message();
  EXPECT_EQ(ring.all().size(), 1u);
}

TEST(KeyRing, Case09RefusesAnIdThatIsNotTheHashOfItsKey) {
  KeyRing ring;
  const auto added = ring.add(key(1), keyId(key(2)), "a");
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code(), ErrorCode::KeyRole);
  EXPECT_TRUE(ring.add(key(1), keyId(key(1)), "a"));
}

TEST(KeyRing, RevokesAKeyWheneverItIsAdded) {
  KeyRing ring;
  ASSERT_TRUE(ring.add(key(1), "", "a"));
  ring.revoke(keyId(key(1)));
  ring.revoke(keyId(key(2)));
  ASSERT_TRUE(ring.add(key(1), "", "b"));
  ASSERT_TRUE(ring.add(key(2), "", "b"));
  EXPECT_TRUE(ring.byId(keyId(key(1)))->revoked);
  EXPECT_TRUE(ring.byId(keyId(key(2)))->revoked);
}

TEST(KeyRing, IsEmptyWhereThereIsNoFolder) {
  MachineFiles files;
  const TempFolder folder;
  const auto ring = KeyRing::load(*files, folder / "trust/keys");
  ASSERT_TRUE(ring) << ring.error().message();
  EXPECT_TRUE(ring->empty());
}

TEST(KeyRing, ReadsBackTheKeysThatWereTrusted) {
  MachineFiles files;
  const TempFolder folder;
  const auto id = trustKey(*files, folder / "trust/keys", toPem(key(1)));
  ASSERT_TRUE(id) << id.error().message();
  EXPECT_EQ(*id, keyId(key(1)));
  ASSERT_TRUE(trustKey(*files, folder / "trust/keys", base64(2)));
  ASSERT_TRUE(trustKey(*files, folder / "trust/keys", base64(1))) << "the same key twice is fine";
  EXPECT_EQ(folder.read("trust/keys/" + *id + ".pub"), toPem(key(1)));
  EXPECT_EQ(files->list(folder / "trust/keys")->size(), 2u) << "nothing but the keys is left";
  const auto ring = KeyRing::load(*files, folder / "trust/keys");
  ASSERT_TRUE(ring) << ring.error().message();
  EXPECT_EQ(ring->all().size(), 2u);
  EXPECT_TRUE(ring->byId(keyId(key(2)))->alias.empty());
}

// On a node where nothing was trusted yet: the folders on the way are new as well.
TEST(KeyRingCrash, Case53And54ATrustedKeyIsWholeOrNotThere) {
  const auto pem = toPem(key(1));
  CrashSweep sweep;
  sweep.prepare = [](Files&, const Path&) {};
  sweep.act = [&](Files& files, const Path& root) -> Result<void> {
    TENON_CHECK(trustKey(files, root / "trust" / "keys", pem));
    return {};
  };
  sweep.check = [](Files& files, const Path& root, bool done) {
    const auto ring = KeyRing::load(files, root / "trust" / "keys");
    ASSERT_TRUE(ring) << ring.error().message();
    EXPECT_TRUE(!done || ring->byId(keyId(key(1))));
  };
  EXPECT_GT(sweep.run(), 4U);
}

// An agent that starts sweeps the folder by the common names of temporaries.
TEST(KeyRingCrash, WhatAKillLeavesBesideTheKeysIsSwept) {
  MachineFiles machine;
  for (std::uint64_t n = 1;; ++n) {
    const TempFolder folder;
    FakeFiles disk(*machine, folder.path());
    disk.stopBefore(n);
    static_cast<void>(trustKey(disk, folder / "keys", toPem(key(1))));
    static_cast<void>(revokeKey(disk, folder / "keys", keyId(key(2))));
    ASSERT_TRUE(removeTemporaries(*machine, folder / "keys"));
    if (const auto left = machine->list(folder / "keys")) {
      for (const auto& entry : *left) {
        EXPECT_TRUE(entry.name.ends_with(".pub") || entry.name.ends_with(".revoked")) << entry.name << ", call " << n;
      }
    }
    if (!disk.stopped()) break;
  }
}

TEST(KeyRing, RepairsATrustedKeyThatWasDamaged) {
  MachineFiles files;
  const TempFolder folder;
  folder.write(keyId(key(1)) + ".pub", "damaged");
  ASSERT_TRUE(trustKey(*files, folder.path(), toPem(key(1))));
  EXPECT_EQ(folder.read(keyId(key(1)) + ".pub"), toPem(key(1)));
}

TEST(KeyRing, TrustsNothingThatIsNoKey) {
  MachineFiles files;
  const TempFolder folder;
  const auto id = trustKey(*files, folder / "keys", toPem(testKey(1)));
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().code(), ErrorCode::FormatInvalid);
  EXPECT_FALSE(folder.exists("keys"));
}

TEST(KeyRing, TakesTheNameOfAFileForTheKeysName) {
  MachineFiles files;
  const TempFolder folder;
  folder.write("company-2025.pub", toPem(key(1)));
  folder.write("README", "not a key");
  const auto ring = KeyRing::load(*files, folder.path());
  ASSERT_TRUE(ring) << ring.error().message();
  ASSERT_NE(ring->byAlias("company-2025"), nullptr);
  EXPECT_EQ(ring->byAlias("company-2025")->source, (folder / "company-2025.pub").text());
}

TEST(KeyRing, NamesTheFileThatIsWrong) {
  MachineFiles files;
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"a.pub", "no key"},
      {keyId(key(2)) + ".pub", toPem(key(1))},  // case 9
      {"large.pub", std::string(limits::kKeyFileBytes + 1, 'x')},
  };
  for (const auto& [name, content] : wrong) {
    const TempFolder folder;
    folder.write(name, content);
    const auto ring = KeyRing::load(*files, folder.path());
    ASSERT_FALSE(ring) << name;
    EXPECT_NE(ring.error().message().find(name), std::string::npos) << ring.error().message();
  }
}

TEST(PublicKeyList, ReadsKeysWithAndWithoutNames) {
  const auto keys = parsePublicKeyList(" " + base64(1) + " , company-2025=" + base64(2) + ",\n" + base64(3) + "\n");
  ASSERT_TRUE(keys) << keys.error().message();
  ASSERT_EQ(keys->size(), 3u);
  EXPECT_EQ(keys->at(0).key, key(1));
  EXPECT_EQ(keys->at(0).alias, "");
  EXPECT_EQ(keys->at(1).key, key(2));
  EXPECT_EQ(keys->at(1).alias, "company-2025");
  EXPECT_EQ(keys->at(2).key, key(3));
}

TEST(PublicKeyList, IsEmptyWhereTheVariableIs) {
  EXPECT_TRUE(parsePublicKeyList("")->empty());
  EXPECT_TRUE(parsePublicKeyList(" \n")->empty());
}

TEST(PublicKeyList, NamesTheItemThatIsWrong) {
  const std::vector<std::string> items = {"x",
                                          "",
                                          "=" + base64(1),
                                          "a b=" + base64(1),
                                          "name=",
                                          "name=short",
                                          toBase64("short"),
                                          base64(1) + base64(2),
                                          base64(1).substr(0, 43)};
  for (const std::string& wrong : items) {
    const auto keys = parsePublicKeyList(base64(1) + "," + wrong);
    ASSERT_FALSE(keys) << wrong;
    EXPECT_EQ(keys.error().code(), ErrorCode::FormatInvalid);
    EXPECT_NE(keys.error().message().find("item 2"), std::string::npos) << keys.error().message();
    EXPECT_NE(keys.error().hint().find("name=base64"), std::string::npos);
  }
}

}  // namespace
}  // namespace tenon::host
