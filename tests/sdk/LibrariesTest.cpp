#include "tenon/libraries.hpp"

#include <gtest/gtest.h>

#include "host/conformance/requests/ExecutableBytes.h"
#include "tenon/executable.hpp"
#include "tests/support/TempFolder.h"

namespace tenon {
namespace {

const std::string kLoader = "/lib64/ld-linux-x86-64.so.2";

// A package in package/, and a node whose libraries lie in node/.
class Libraries : public testing::Test {
 protected:
  Libraries() { node("libc.so.6"); }

  void node(const std::string& name, host::ElfLinks links = {}) { library("node/" + name, std::move(links)); }
  void library(const std::string& path, host::ElfLinks links = {}) { folder_.write(path, host::elfBytesLinking(links)); }
  std::string program(host::ElfLinks links, const std::string& path = "package/bin/server") {
    links.loader = kLoader;
    return folder_.write(path, host::elfBytesLinking(links)).text();
  }
  // "libfoo.so.1 by bin/server", one after the other.
  std::string missing(const std::string& program, const std::string& libraryPath = "") {
    detail::LibrarySearch search("x64", {folder_.text() + "/node"}, libraryPath);
    std::string all;
    for (const auto& each : search.missing(program, *ElfNeeds::read(program), folder_.text() + "/package"))
      all += (all.empty() ? "" : ", ") + each.library + " by " + each.by;
    return all;
  }

  host::TempFolder folder_;
};

host::ElfLinks needing(std::vector<std::string> needed, std::string runpath = "") {
  host::ElfLinks links;
  links.needed = std::move(needed);
  links.runpath = std::move(runpath);
  return links;
}

TEST_F(Libraries, OfTheNodeAreFoundAndOthersNamed) {
  EXPECT_EQ(missing(program(needing({"libc.so.6"}))), "");
  EXPECT_EQ(missing(program(needing({"libfoo.so.1", "libc.so.6", "libbar.so.2"}))),
            "libfoo.so.1 by bin/server, libbar.so.2 by bin/server");
}

TEST_F(Libraries, AreFoundBesideTheProgramWhereItSaysSo) {
  library("package/lib/libfoo.so.1");
  EXPECT_EQ(missing(program(needing({"libfoo.so.1"}))), "libfoo.so.1 by bin/server");
  EXPECT_EQ(missing(program(needing({"libfoo.so.1"}, "/nowhere:$ORIGIN/../lib"))), "");
  EXPECT_EQ(missing(program(needing({"libfoo.so.1"}, "${ORIGIN}/../lib"))), "");
  host::ElfLinks old = needing({"libfoo.so.1"});
  old.rpath = "$ORIGIN/../lib";
  EXPECT_EQ(missing(program(old)), "");
  old.runpath = "/nowhere";  // then DT_RPATH does not count
  EXPECT_EQ(missing(program(old)), "libfoo.so.1 by bin/server");
}

TEST_F(Libraries, OfAProgramBehindALinkAreLookedForWhereItReallyLies) {
  library("package/lib/libfoo.so.1");
  program(needing({"libfoo.so.1"}, "$ORIGIN/../lib"));
  std::filesystem::create_symlink("bin/server", folder_.text() + "/package/start");
  EXPECT_EQ(missing(folder_.text() + "/package/start"), "");
}

TEST_F(Libraries, ThatThePackageCarriesAreAskedWhatTheyNeed) {
  library("package/lib/libfoo.so.1", needing({"libbar.so.2", "libc.so.6"}));
  EXPECT_EQ(missing(program(needing({"libfoo.so.1"}, "$ORIGIN/../lib"))), "libbar.so.2 by lib/libfoo.so.1");
  library("package/lib/libbar.so.2");
  EXPECT_EQ(missing(program(needing({"libfoo.so.1"}, "$ORIGIN/../lib"))), "libbar.so.2 by lib/libfoo.so.1")
      << "DT_RUNPATH is for the object's own needs";
  host::ElfLinks inherited = needing({"libfoo.so.1"});
  inherited.rpath = "$ORIGIN/../lib";
  EXPECT_EQ(missing(program(inherited)), "") << "DT_RPATH is for those of its libraries too";
}

TEST_F(Libraries, ThatAreLoadedAlreadyAreNotLookedForAgain) {
  library("package/lib/libfoo.so.1", needing({"libbar.so.2"}));
  library("package/lib/libbar.so.2");
  EXPECT_EQ(missing(program(needing({"libfoo.so.1", "libbar.so.2"}, "$ORIGIN/../lib"))), "");
  host::ElfLinks named;
  named.name = "libbar.so.2";  // by the name that it gives itself
  library("package/lib/libbar.so", named);
  EXPECT_EQ(missing(program(needing({"libbar.so", "libfoo.so.1"}, "$ORIGIN/../lib"))), "");
}

TEST_F(Libraries, OfTheNodeAreTakenAsTheyAre) {
  node("libnode.so.1", needing({"libgone.so.3"}));
  EXPECT_EQ(missing(program(needing({"libnode.so.1"}))), "") << "what the node's libraries lack is the node's affair";
}

TEST_F(Libraries, OfAnotherMachineArePassedOver) {
  host::ElfLinks arm;
  arm.machine = 183;
  library("package/lib/libfoo.so.1", arm);
  EXPECT_EQ(missing(program(needing({"libfoo.so.1"}, "$ORIGIN/../lib"))), "libfoo.so.1 by bin/server");
  node("libfoo.so.1");
  EXPECT_EQ(missing(program(needing({"libfoo.so.1"}, "$ORIGIN/../lib"))), "");
}

TEST_F(Libraries, AreLookedForWhereTheEnvironmentSays) {
  library("package/more/libfoo.so.1");
  const std::string path = program(needing({"libfoo.so.1"}));
  EXPECT_EQ(missing(path, "/nowhere"), "libfoo.so.1 by bin/server");
  EXPECT_EQ(missing(path, "/nowhere:" + folder_.text() + "/package/more"), "");
  EXPECT_EQ(missing(path, "/nowhere;" + folder_.text() + "/package/more"), "");
}

TEST_F(Libraries, ThatNobodyCanTellOfAreNotMissed) {
  for (const std::string folder : {"$LIB/x", "$ORIGIN/$PLATFORM", "relative", ""}) {
    EXPECT_EQ(missing(program(needing({"libfoo.so.1"}, "/nowhere:" + folder))), "") << folder;
  }
  const std::string path = program(needing({"libfoo.so.1", "some/libbar.so.2"}));
  EXPECT_EQ(missing(path, "${DATA_DIR}/lib"), "");
  EXPECT_EQ(missing(path, ":/nowhere"), "") << "the working folder";
  std::filesystem::create_directories(folder_.text() + "/node/glibc-hwcaps/x86-64-v3");
  EXPECT_EQ(missing(path), "");
}

TEST_F(Libraries, DamagedOnesAreTakenForWhole) {
  folder_.write("node/libfoo.so.1", "");
  folder_.write("node/libbar.so.1", "/* GNU ld script */");
  EXPECT_EQ(missing(program(needing({"libfoo.so.1", "libbar.so.1"}))), "") << "the loader has its own words for that";
}

TEST_F(Libraries, ThatNeedEachOtherComeToAnEnd) {
  library("package/lib/liba.so", needing({"libb.so"}, "$ORIGIN"));
  library("package/lib/libb.so", needing({"liba.so", "libgone.so"}, "$ORIGIN"));
  EXPECT_EQ(missing(program(needing({"liba.so"}, "$ORIGIN/../lib"))), "libgone.so by lib/libb.so");
}

TEST(LoadersCache, TellsTheFoldersOfItsLibraries) {
  const host::TempFolder folder;
  const auto number = [](std::uint64_t value, std::size_t size) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes += i < sizeof value ? static_cast<char>(value >> (8 * i) & 0xFF) : '\0';
    return bytes;
  };
  const std::string strings = std::string("liba.so\0/usr/lib/x/liba.so\0libb.so\0/opt/y/libb.so\0", 50);
  const std::uint64_t at = 48 + 2 * 24;
  const auto entry = [&](std::uint64_t key, std::uint64_t value) {
    return number(0x303, 4) + number(at + key, 4) + number(at + value, 4) + number(0, 4) + number(0, 8);
  };
  const std::string whole = "glibc-ld.so.cache1.1" + number(2, 4) + number(strings.size(), 4) + number(0, 20) + entry(0, 8) +
                            entry(27, 35) + strings;
  const auto foldersOf = [&](const std::string& bytes) {
    return detail::cachedFolders(folder.write("cache", bytes).text());
  };
  EXPECT_EQ(foldersOf(whole), (std::set<std::string>{"/opt/y", "/usr/lib/x"}));
  EXPECT_TRUE(foldersOf("ld.so-1.7.0" + whole).empty());
  EXPECT_TRUE(detail::cachedFolders("/no/such/file").empty());
  for (std::size_t cut = 0; cut < whole.size(); ++cut) static_cast<void>(foldersOf(whole.substr(0, cut)));
}

TEST(LibrariesOfTheNode, HaveAllThatThisVeryProgramNeeds) {
  const std::string self = "/proc/self/exe";
  const auto needs = ElfNeeds::read(self);
  Fingerprint node({});
  describeLibraries(node);
  const auto told = json::parse(node.document());
  const auto* folders = told->find("attributes")->find("libraries");
  if (!needs || !folders) GTEST_SKIP() << "not on this system";
  detail::LibrarySearch search(needs->machine, detail::splitPath(*folders->string(), ":"), "");
  const std::string program = std::filesystem::read_symlink(self).string();
  EXPECT_TRUE(search.missing(program, *needs, std::filesystem::path(program).parent_path().string()).empty());
}

}  // namespace
}  // namespace tenon
