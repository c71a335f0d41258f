// Upgrades that fetch only what changed: how little moves, and what becomes of a hub that answers in another way.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/host/package/PackageWorld.h"
#include "tests/support/DiskOffers.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

namespace fs = std::filesystem;
using Steps = std::vector<std::string>;

class PiecesTest : public testing::Test {
 protected:
  // 1.2.0 is installed: three hundred files and two models.
  void SetUp() override {
    publish("1.2.0");
    ASSERT_TRUE(fetch());
    world_.forgetRequests();
  }
  static std::string content(const std::string& of, std::size_t bytes) {
    std::string text;
    for (int i = 0; text.size() < bytes; ++i) text += asText(sha256(of + std::to_string(i)).bytes());
    return text.substr(0, bytes);
  }
  // Three files of it, far from each other, are the version's own.
  void publish(const std::string& version) {
    auto& maker = world_.maker;
    maker.release = releaseNamed("asr", version);
    maker.files["service.json"].text = serviceJson("asr", version);
    for (int i = 0; i < 300; ++i) {
      const bool changes = i == 7 || i == 150 || i == 290;
      const auto name = std::to_string(i);
      maker.files["runtime/lib" + std::to_string(i % 10) + "/f" + name] = {content(changes ? name + version : name, 2000)};
    }
    maker.files["models/a.bin"] = {content("a", 400'000)};
    maker.files["models/b.bin"] = {content("b", 400'000)};
    maker.files["app/empty"] = {""};
    world_.publish();
  }
  Result<StagedRelease> fetch() { return world_.fetch(*files_); }
  void expectInstalled(const Result<StagedRelease>& staged) {
    ASSERT_TRUE(staged) << staged.error().message();
    const auto tree = PackageLayout(folder_.path()).service(world_.maker.release.service).release(staged->release);
    for (const auto& [path, made] : world_.maker.files) {
      const auto found = files_->readAll(tree / path, limits::MiB);
      EXPECT_TRUE(found && *found == made.text) << path;
    }
    EXPECT_TRUE(files_->list(folder_ / "cache").value().empty());
    EXPECT_FALSE(folder_.exists("services/asr/_staging"));
  }
  void expectNothingNew(const Result<StagedRelease>& staged, ErrorCode code) {
    ASSERT_FALSE(staged);
    EXPECT_EQ(staged.error().code(), code) << staged.error().message();
    EXPECT_FALSE(folder_.exists("services/asr/versions/1.3.0"));
    EXPECT_FALSE(folder_.exists("services/asr/_staging"));
  }
  bool fetchedAsStream() const { return world_.steps == Steps{"fetch", "verify", "unpack"}; }
  bool fetchedInPieces() const { return world_.steps == Steps{"fetch", "verify", "reuse", "fetch", "unpack"}; }
  std::size_t requests() const { return world_.requested("service.zip"); }
  std::string storedPath(const std::string& content) const {
    const auto hex = sha256(content).hex();
    return "store/" + hex.substr(0, 2) + "/" + hex;
  }

  TempFolder folder_;
  MachineFiles files_;
  PackageWorld world_{folder_.path()};
};

TEST_F(PiecesTest, FetchOnlyWhatChanged) {
  publish("1.3.0");
  expectInstalled(fetch());
  EXPECT_TRUE(fetchedInPieces());
  EXPECT_LE(requests(), 3U);  // the directory, MANIFEST, and all that changed at once
  EXPECT_LT(world_.zipBytesSent, world_.zipBytes().size() / 8);
}

TEST_F(PiecesTest, FetchNothingTwiceOfAPackageThatWasRemoved) {
  const InstalledStore store(*files_, PackageLayout(folder_.path()).service(world_.maker.release.service));
  ASSERT_TRUE(store.removeRelease({world_.maker.release.version, world_.maker.release.platform, {}}));
  expectInstalled(fetch());
  EXPECT_TRUE(fetchedInPieces());
  EXPECT_LT(world_.zipBytesSent, world_.zipBytes().size() / 8);
}

TEST_F(PiecesTest, ShareFilesBetweenServices) {
  world_.maker.release = releaseNamed("tts", "1.2.0");
  world_.maker.files["service.json"].text = serviceJson("tts", "1.2.0");
  world_.publish();
  expectInstalled(fetch());
  EXPECT_TRUE(fetchedInPieces());
  EXPECT_LT(world_.zipBytesSent, world_.zipBytes().size() / 8);
}

TEST_F(PiecesTest, AreOneStreamWhereNearlyAllIsNew) {
  for (auto& [path, made] : world_.maker.files) made.text = path == "service.json" ? made.text : "new " + made.text;
  world_.maker.release = releaseNamed("asr", "1.3.0");
  world_.maker.files["service.json"].text = serviceJson("asr", "1.3.0");
  world_.publish();
  expectInstalled(fetch());
  EXPECT_EQ(world_.steps.back(), "unpack");
  EXPECT_EQ(std::count(world_.steps.begin(), world_.steps.end(), "reuse"), 0);
}

TEST_F(PiecesTest, AreOneStreamForAPackageWithoutManifest) {
  world_.withManifest = false;
  publish("1.3.0");
  const auto staged = fetch();
  ASSERT_TRUE(staged) << staged.error().message();
  EXPECT_TRUE(fetchedAsStream());
}

TEST_F(PiecesTest, ComeOneByOneFromAHubThatTakesOneRangeAtATime) {
  for (const int status : {200, 416}) {
    world_.zipServer = [status](const HttpRequestOptions& request, const std::string& zip) {
      if (ScriptedHttp::headerOf(request, "Range").find(',') == std::string::npos)
        return ScriptedHttp::serve(request, zip, "\"v1\"");
      return ScriptedAnswer{.status = status, .body = status == 200 ? zip : ""};
    };
    publish(status == 200 ? "1.3.0" : "1.4.0");
    world_.forgetRequests();
    expectInstalled(fetch());
    EXPECT_TRUE(fetchedInPieces());
    EXPECT_LE(requests(), 8U);
  }
}

TEST_F(PiecesTest, ComeOneByOneFromAHubThatAnswersOnlyTheFirst) {
  world_.zipServer = [](HttpRequestOptions request, const std::string& zip) {
    for (auto& [name, value] : request.headers) {
      if (name == "Range") value = value.substr(0, value.find(','));
    }
    return ScriptedHttp::serve(request, zip, "\"v1\"");
  };
  publish("1.3.0");
  expectInstalled(fetch());
  EXPECT_TRUE(fetchedInPieces());
}

TEST_F(PiecesTest, Case45AreOneStreamFromAHubThatIgnoresRange) {
  world_.zipServer = [](HttpRequestOptions request, const std::string& zip) {
    std::erase_if(request.headers, [](const auto& header) { return header.first == "Range"; });
    return ScriptedHttp::serve(request, zip, "\"v1\"");
  };
  publish("1.3.0");
  expectInstalled(fetch());
  EXPECT_TRUE(fetchedAsStream());
  EXPECT_EQ(requests(), 2U);
}

TEST_F(PiecesTest, Case45ComeOneByOneFromAHubThatMixesUpParts) {
  world_.zipServer = [](const HttpRequestOptions& request, const std::string& zip) {
    auto answer = ScriptedHttp::serve(request, zip, "\"v1\"");
    if (const auto at = answer.body.find("Content-Range: bytes "); answer.body.starts_with("\r\n--THIS"))
      answer.body.replace(at, 22, "Content-Range: bytes 9");
    return answer;
  };
  publish("1.3.0");
  expectInstalled(fetch());
  EXPECT_TRUE(fetchedInPieces());
}

TEST_F(PiecesTest, Case43GoOnWhereverTheyWereCut) {
  publish("1.3.0");
  for (std::size_t cut = 1; cut < 16; ++cut) {
    std::size_t answers = 0;
    world_.zipServer = [&](const HttpRequestOptions& request, const std::string& zip) {
      auto answer = ScriptedHttp::serve(request, zip, "\"v1\"");
      if (++answers % 2 == 1) answer.cutAfter = answer.body.size() * cut / 16;
      return answer;
    };
    const auto staged = fetch();
    expectInstalled(staged);
    ASSERT_TRUE(std::is_sorted(world_.fetched.begin(), world_.fetched.end()));
    const InstalledStore store(*files_, PackageLayout(folder_.path()).service(world_.maker.release.service));
    ASSERT_TRUE(store.removeRelease(staged->release));
    for (const int i : {7, 150, 290}) {
      fs::remove(TempFolder::native(folder_ / storedPath(content(std::to_string(i) + "1.3.0", 2000))));
    }
  }
}

// Each fetch is a new agent; the hub hangs up after a while. What was fetched stays, and what is told never goes back.
TEST_F(PiecesTest, Case43GoOnAfterARestartOfTheAgent) {
  publish("1.3.0");
  std::size_t granted = 3000, fetches = 0;
  std::uint64_t furthest = 0;
  for (bool done = false; !done; ++fetches) {
    ASSERT_LT(fetches, 200U);
    std::size_t left = granted;
    world_.zipServer = [&](const HttpRequestOptions& request, const std::string& zip) {
      auto answer = ScriptedHttp::serve(request, zip, "\"v1\"");
      if (left == 0) answer.unreachable = Error(ErrorCode::NetworkUnreachable, "the hub is gone");
      if (answer.body.size() > left) answer.cutAfter = left;
      left -= std::min(left, answer.body.size());
      return answer;
    };
    const auto staged = fetch();
    if (!world_.fetched.empty()) {
      EXPECT_GE(world_.fetched.front(), furthest);
      furthest = world_.fetched.back();
    }
    done = staged.has_value();
    if (done) {
      expectInstalled(staged);
    } else {
      expectNothingNew(staged, staged.error().code());
      EXPECT_EQ(files_->list(folder_ / "cache/asr").value().size(), 2U);  // what is here, and its note
    }
  }
  EXPECT_GT(fetches, 5U);
  EXPECT_LT(world_.zipBytesSent, world_.zipBytes().size() / 6);
}

TEST_F(PiecesTest, Case43StartOverWhereThePowerCutTookBytes) {
  publish("1.3.0");
  std::size_t left = 75'000;
  const auto served = world_.zipServer;
  world_.zipServer = [&](const HttpRequestOptions& request, const std::string& zip) {
    auto answer = served(request, zip);
    if (left == 0) answer.unreachable = Error(ErrorCode::NetworkUnreachable, "the hub is gone");
    if (answer.body.size() > left) answer.cutAfter = left;
    left -= std::min(left, answer.body.size());
    return answer;
  };
  ASSERT_FALSE(fetch());
  const auto entries = files_->list(folder_ / "cache/asr").value();
  for (const auto& entry : entries) {
    if (entry.name.ends_with(".ranges"))
      folder_.write("cache/asr/" + entry.name, std::string(folder_.read("cache/asr/" + entry.name).size(), '\0'));
  }
  world_.zipServer = served;
  expectInstalled(fetch());
}

TEST_F(PiecesTest, Case44AreOneStreamWhereTheObjectWasReplacedMeanwhile) {
  publish("1.3.0");
  std::size_t answers = 0;
  world_.zipServer = [&](const HttpRequestOptions& request, const std::string& zip) {
    return ScriptedHttp::serve(request, zip, ++answers < 3 ? "\"v1\"" : "\"v2\"");
  };
  expectInstalled(fetch());
  EXPECT_EQ(world_.steps.back(), "unpack");
}

TEST_F(PiecesTest, Case47GiveUpOnATrickle) {
  publish("1.3.0");
  world_.zipServer = [](const HttpRequestOptions& request, const std::string& zip) {
    auto answer = ScriptedHttp::serve(request, zip, "\"v1\"");
    answer.pieceBytes = 1;
    answer.perPiece = std::chrono::seconds(1);
    return answer;
  };
  expectNothingNew(fetch(), ErrorCode::NetworkSlow);
}

TEST_F(PiecesTest, Case50ComeBackWhereTheHubFailsForAWhile) {
  publish("1.3.0");
  std::size_t answers = 0;
  const auto served = world_.zipServer;
  world_.zipServer = [&](const HttpRequestOptions& request, const std::string& zip) {
    return ++answers % 2 == 1 ? ScriptedAnswer{.status = 503} : served(request, zip);
  };
  expectInstalled(fetch());
  EXPECT_TRUE(fetchedInPieces());
}

TEST_F(PiecesTest, StopWhereTheChangeIsCancelledAndKeepWhatTheyHave) {
  publish("1.3.0");
  std::size_t answers = 0;
  const auto served = world_.zipServer;
  world_.zipServer = [&](const HttpRequestOptions& request, const std::string& zip) {
    if (++answers == 3) world_.cancelled = true;
    return served(request, zip);
  };
  expectNothingNew(fetch(), ErrorCode::Cancelled);
  EXPECT_EQ(files_->list(folder_ / "cache/asr").value().size(), 2U);
  world_.cancelled = false;
  world_.zipServer = served;
  expectInstalled(fetch());
}

// Whatever byte a hub changes: refused, or one that nobody reads, and then the tree is what was signed all the same.
TEST_F(PiecesTest, Case40ATamperedPieceIsRefused) {
  publish("1.3.0");
  const auto original = world_.zipBytes();
  int refusals = 0;
  for (const auto& path : {"runtime/lib7/f7", "runtime/lib0/f150", "service.json", "MANIFEST.sig"}) {
    auto bytes = original;
    const auto name = bytes.find(path);
    ASSERT_NE(name, std::string::npos);
    const auto at = name + std::string_view(path).size() + 20;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    world_.serve(bytes);
    const auto staged = fetch();
    ASSERT_FALSE(staged) << path;
    EXPECT_EQ(exitStatus(staged.error().code()), 5) << path << ": " << staged.error().message();
    expectNothingNew(staged, staged.error().code());
    EXPECT_TRUE(files_->list(folder_ / "cache").value().empty()) << path;
    ++refusals;
  }
  EXPECT_EQ(refusals, 4);
}

TEST_F(PiecesTest, Case40ATamperedDirectoryIsRefused) {
  publish("1.3.0");
  const auto original = world_.zipBytes();
  const auto directory = original.find("PK\1\2");
  constexpr std::size_t kStride = 397;  // a prime: of three hundred entries every field is met, each in another one
  for (std::size_t at = directory; at < original.size(); at += kStride) {
    auto bytes = original;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    world_.serve(bytes);
    const auto staged = fetch();
    if (staged) {
      expectInstalled(staged);
      const InstalledStore store(*files_, PackageLayout(folder_.path()).service(world_.maker.release.service));
      ASSERT_TRUE(store.removeRelease(staged->release));
    } else {
      EXPECT_EQ(exitStatus(staged.error().code()), 5) << at << ": " << staged.error().message();
      expectNothingNew(staged, staged.error().code());
    }
    EXPECT_TRUE(files_->list(folder_ / "cache").value().empty()) << at;
  }
}

TEST_F(PiecesTest, Case64FetchAgainWhatRottedInTheStore) {
  const auto path = storedPath(content("a", 400'000));
  fs::permissions(TempFolder::native(folder_ / path), fs::perms::owner_all, fs::perm_options::add);
  folder_.write(path, content("other", 400'000));
  publish("1.3.0");
  expectInstalled(fetch());
  EXPECT_TRUE(fetchedInPieces());
  EXPECT_GT(world_.zipBytesSent, 400'000U);
  EXPECT_EQ(folder_.read(path), content("a", 400'000)) << "and the store has it again";
}

// It may not; and a program that may do anything, root's, changes one release and not the next.
TEST_F(PiecesTest, Case63WhatAServiceWritesIntoItsPackageReachesNoOtherRelease) {
  const auto tree = PackageLayout(folder_.path())
                        .service(world_.maker.release.service)
                        .release({world_.maker.release.version, world_.maker.release.platform, {}});
  const fs::path mine = TempFolder::native(tree / "models/a.bin"),
                 stored = TempFolder::native(folder_ / storedPath(content("a", 400'000)));
  if (diskHasModes()) {
    constexpr auto writing = fs::perms::owner_write | fs::perms::group_write | fs::perms::others_write;
    EXPECT_EQ(fs::status(mine).permissions() & writing, fs::perms::none);
    EXPECT_EQ(fs::status(stored).permissions() & writing, fs::perms::none);
  }
  fs::permissions(mine, fs::perms::owner_all, fs::perm_options::add);
  std::ofstream(mine, std::ios::binary) << content("written by a service", 400'000);
  publish("1.3.0");
  expectInstalled(fetch());
  EXPECT_EQ(folder_.read(storedPath(content("a", 400'000))), content("a", 400'000));
}

// Another thread empties the store while the package is fetched.
TEST_F(PiecesTest, Case66InstallWhileTheStoreIsCollected) {
  publish("1.3.0");
  std::size_t answers = 0;
  const auto served = world_.zipServer;
  world_.zipServer = [&](const HttpRequestOptions& request, const std::string& zip) {
    if (++answers == 2) fs::remove_all(TempFolder::native(folder_ / "store"));
    return served(request, zip);
  };
  expectInstalled(fetch());
}

}  // namespace
}  // namespace tenon::host
