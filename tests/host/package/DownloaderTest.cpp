// Cases 43 to 50 of the fault list, against a scripted server.
#include "host/package/Downloader.h"

#include <gtest/gtest.h>

#include "tests/support/ForwardingFiles.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/ScriptedHttp.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

class DownloaderTest : public testing::Test {
 protected:
  DownloaderTest() {
    for (std::size_t i = 0; i < 100'000; ++i) object_ += static_cast<char>(i * 7 + i / 251);
    http_.otherwise = [this](const HttpRequestOptions& request) { return ScriptedHttp::serve(request, object_, etag_); };
  }

  DownloadRequest request() const {
    return {"http://hub/storage/x.zip", folder_ / "x.zip", object_.size(), sha256(object_), ""};
  }
  // Each one is a new agent: nothing is remembered but what is on disk.
  Result<DownloadedPackage> download() { return downloadWith(*files_, request()); }
  Result<DownloadedPackage> downloadWith(Files& files, const DownloadRequest& request) {
    Downloader downloader(files, http_, clock_, [this](Millis time) {
      EXPECT_LE(time, Downloader::kLongestWait);
      waited_ += time;
      clock_.advance(time);
    });
    return downloader.download(request, cancelled_);
  }
  void arrived(const Result<DownloadedPackage>& package) {
    ASSERT_TRUE(package) << package.error().message();
    EXPECT_EQ(package->sha256, sha256(object_));
    EXPECT_EQ(package->zip, folder_ / "x.zip");
    EXPECT_TRUE(folder_.read("x.zip") == object_);
    EXPECT_FALSE(folder_.exists("x.zip.part"));
    EXPECT_FALSE(folder_.exists("x.zip.part.json"));
  }
  void failed(const Result<DownloadedPackage>& package, ErrorCode code, bool partKept) {
    ASSERT_FALSE(package);
    EXPECT_EQ(package.error().code(), code) << package.error().message();
    EXPECT_FALSE(folder_.exists("x.zip"));
    EXPECT_EQ(folder_.exists("x.zip.part"), partKept);
  }
  ScriptedAnswer cut(std::size_t after) {
    auto answer = ScriptedHttp::serve({}, object_, etag_);
    answer.cutAfter = after;
    return answer;
  }

  TempFolder folder_;
  MachineFiles files_;
  FakeClock clock_;
  ScriptedHttp http_{clock_};
  std::string object_, etag_ = "\"v1\"";
  std::atomic<bool> cancelled_{false};
  Millis waited_{0};
};

TEST_F(DownloaderTest, BringsAFile) {
  arrived(download());
  ASSERT_EQ(http_.requests.size(), 1U);
  EXPECT_EQ(ScriptedHttp::headerOf(http_.requests[0], "Range"), "");
  EXPECT_EQ(ScriptedHttp::headerOf(http_.requests[0], "Accept-Encoding"), "identity");
}

TEST_F(DownloaderTest, FetchesNothingThatIsHere) {
  arrived(download());
  http_.requests.clear();
  arrived(download());
  EXPECT_TRUE(http_.requests.empty());
  folder_.write("x.zip", object_.substr(1) + "x");  // the right size, other bytes
  arrived(download());
}

// As an agent leaves it that died after the file had got its name.
TEST_F(DownloaderTest, Case53LeavesNoNoteBesideAFileThatIsHere) {
  folder_.write("x.zip", object_);
  folder_.write("x.zip.part.json", "{}");
  arrived(download());
  EXPECT_TRUE(http_.requests.empty());
}

TEST_F(DownloaderTest, TellsHowFarItIs) {
  Downloader downloader(*files_, http_, clock_, [](Millis) {});
  std::uint64_t last = 0;
  int calls = 0;
  ASSERT_TRUE(downloader.download(request(), cancelled_, [&](std::uint64_t done, std::uint64_t total) {
    EXPECT_GT(done, last);
    EXPECT_EQ(total, object_.size());
    last = done;
    ++calls;
  }));
  EXPECT_EQ(last, object_.size());
  EXPECT_LE(calls, 201);
}

TEST_F(DownloaderTest, Case43GoesOnWhereverItWasCut) {
  for (std::size_t part = 0; part < 16; ++part) {
    const auto after = object_.size() * part / 16;
    http_.requests.clear();
    http_.answers = {cut(after)};
    arrived(download());
    ASSERT_EQ(http_.requests.size(), 2U);
    EXPECT_EQ(ScriptedHttp::headerOf(http_.requests[1], "Range"), after == 0 ? "" : "bytes=" + std::to_string(after) + "-");
    EXPECT_EQ(ScriptedHttp::headerOf(http_.requests[1], "If-Range"), after == 0 ? "" : etag_);
    std::filesystem::remove((folder_ / "x.zip").text());
  }
}

TEST_F(DownloaderTest, Case43GoesOnThroughManyCutsAsLongAsItGetsOn) {
  http_.otherwise = [this](const HttpRequestOptions& request) {
    auto answer = ScriptedHttp::serve(request, object_, etag_);
    if (answer.body.size() > object_.size() / 16) answer.cutAfter = object_.size() / 16;
    return answer;
  };
  arrived(download());
  EXPECT_EQ(http_.requests.size(), 16U);
}

TEST_F(DownloaderTest, Case43GoesOnAfterARestartOfTheAgent) {
  for (std::size_t part = 1; part < 16; ++part) {
    const auto after = object_.size() * part / 16;
    http_.otherwise = [](const HttpRequestOptions&) { return ScriptedAnswer{.status = 503}; };
    http_.answers = {cut(after)};
    failed(download(), ErrorCode::NetworkProtocol, true);
    http_.requests.clear();
    http_.otherwise = [this](const HttpRequestOptions& request) { return ScriptedHttp::serve(request, object_, etag_); };
    arrived(download());
    ASSERT_EQ(http_.requests.size(), 1U);
    EXPECT_EQ(ScriptedHttp::headerOf(http_.requests[0], "Range"), "bytes=" + std::to_string(after) + "-");
    std::filesystem::remove((folder_ / "x.zip").text());
  }
}

TEST_F(DownloaderTest, Case43StartsOverWhereThePowerCutTookBytes) {
  http_.otherwise = [](const HttpRequestOptions&) { return ScriptedAnswer{.status = 500}; };
  http_.answers = {cut(50'000)};
  failed(download(), ErrorCode::NetworkProtocol, true);
  folder_.write("x.zip.part", std::string(50'000, '\0'));
  http_.otherwise = [this](const HttpRequestOptions& request) { return ScriptedHttp::serve(request, object_, etag_); };
  arrived(download());
}

TEST_F(DownloaderTest, TakesUpNothingThatItCannotName) {
  for (const auto* note : {"", "{", "{\"sha256\":\"other\",\"size_bytes\":100000,\"etag\":\"\"}"}) {
    folder_.write("x.zip.part", object_.substr(0, 1000));
    folder_.write("x.zip.part.json", note);
    http_.requests.clear();
    arrived(download());
    EXPECT_EQ(ScriptedHttp::headerOf(http_.requests[0], "Range"), "");
    std::filesystem::remove((folder_ / "x.zip").text());
  }
}

TEST_F(DownloaderTest, Case44StartsOverWhereTheObjectWasReplaced) {
  const auto old = object_;
  http_.answers = {cut(50'000)};
  object_ = std::string(100'000, 'n');
  etag_ = "\"v2\"";
  http_.answers[0].body = old;
  arrived(download());
}

TEST_F(DownloaderTest, Case44StartsOverWhereTheServerDoesNotMindIfRange) {
  const auto old = object_;
  object_ = std::string(100'000, 'n');
  etag_ = "";  // the server gives none, so only the hash can tell
  http_.answers = {cut(50'000)};
  http_.answers[0].body = old;
  arrived(download());
  EXPECT_EQ(http_.requests.size(), 3U);
}

TEST_F(DownloaderTest, Case45StartsOverWhereRangeIsIgnored) {
  http_.answers = {cut(50'000), ScriptedHttp::serve({}, object_, etag_)};
  arrived(download());
}

TEST_F(DownloaderTest, Case45StartsOverAtAWrongContentRange) {
  for (const auto* range : {"", "bytes 0-99999/100000", "bytes 49999-99999/100000", "bytes 50000-99999/100001",
                            "bytes 50000-99998/100000", "50000-"}) {
    auto wrong = ScriptedHttp::serve({}, object_, etag_);
    wrong.status = 206;
    wrong.headers = {{"Content-Range", range}, {"ETag", etag_}};
    http_.answers = {cut(50'000), wrong};
    arrived(download());
    std::filesystem::remove((folder_ / "x.zip").text());
  }
}

TEST_F(DownloaderTest, Case45StartsOverAt416AndAtAPartThatNobodyAskedFor) {
  http_.answers = {cut(50'000), ScriptedAnswer{.status = 416}};
  arrived(download());
  std::filesystem::remove((folder_ / "x.zip").text());
  auto part = ScriptedHttp::serve({}, object_, etag_);
  part.status = 206;
  http_.answers = {part};
  arrived(download());
}

TEST_F(DownloaderTest, Case46CutsAtTheAnnouncedSize) {
  auto endless = ScriptedHttp::serve({}, object_, etag_);
  endless.headers.clear();  // chunked: no length
  endless.body += object_;
  http_.answers = {endless};
  failed(download(), ErrorCode::ContentMismatch, false);
}

TEST_F(DownloaderTest, Case46RefusesAnotherLengthBeforeTheFirstByte) {
  for (const auto* length : {"18446744073709551615", "-1", "99999", "100001", "1e5", "99999999999999999999999"}) {
    auto wrong = ScriptedHttp::serve({}, object_, etag_);
    wrong.headers = {{"Content-Length", length}};
    http_.answers = {wrong};
    failed(download(), ErrorCode::ContentMismatch, false);
  }
}

TEST_F(DownloaderTest, Case46RefusesAnAnnouncementPastTheLimit) {
  auto request = this->request();
  request.sizeBytes = ~std::uint64_t{0};
  failed(downloadWith(*files_, request), ErrorCode::ArchiveLimit, false);
  EXPECT_TRUE(http_.requests.empty());
}

TEST_F(DownloaderTest, Case47GivesUpOnATrickle) {
  http_.otherwise = [this](const HttpRequestOptions& request) {
    auto answer = ScriptedHttp::serve(request, object_, etag_);
    answer.pieceBytes = 1;
    answer.perPiece = std::chrono::seconds(1);
    return answer;
  };
  const auto began = clock_.now();
  failed(download(), ErrorCode::NetworkSlow, true);
  EXPECT_LT(clock_.now() - began, std::chrono::minutes(5));
}

TEST_F(DownloaderTest, Case47EndsASlowDownloadThatIsFastEnough) {
  http_.otherwise = [this](const HttpRequestOptions& request) {
    auto answer = ScriptedHttp::serve(request, object_, etag_);
    answer.perPiece = std::chrono::milliseconds(900);
    return answer;
  };
  arrived(download());
}

TEST_F(DownloaderTest, Case48PassesARefusedRedirectOn) {
  http_.answers = {ScriptedAnswer{.unreachable = Error(ErrorCode::RedirectRefused, "to another host")}};
  failed(download(), ErrorCode::RedirectRefused, false);
  EXPECT_EQ(http_.requests.size(), 1U);
}

TEST_F(DownloaderTest, Case49RefusesAnotherCoding) {
  auto packed = ScriptedHttp::serve({}, object_, etag_);
  packed.headers.emplace_back("Content-Encoding", "gzip");
  http_.answers = {packed};
  failed(download(), ErrorCode::NetworkProtocol, false);
  EXPECT_EQ(http_.requests.size(), 1U);
}

TEST_F(DownloaderTest, Case50ComesBackAfterPausesThatGrow) {
  ScriptedAnswer page{.status = 200, .headers = {{"Content-Type", "text/html; charset=utf-8"}}, .body = "<html>"};
  ScriptedAnswer down{.unreachable = Error(ErrorCode::NetworkUnreachable, "refused")};
  ScriptedAnswer broken{.status = 500};
  http_.answers = {down, broken, page, down, broken};
  arrived(download());
  // 0.5 + 1 + 2 + 4 + 8 s, each less up to a half.
  EXPECT_GE(waited_, Millis(7750));
  EXPECT_LE(waited_, Millis(15500));
}

TEST_F(DownloaderTest, Case50GivesUpWithTheLastReason) {
  http_.otherwise = [](const HttpRequestOptions&) {
    return ScriptedAnswer{.unreachable = Error(ErrorCode::NetworkUnreachable, "refused")};
  };
  const auto package = download();
  failed(package, ErrorCode::NetworkUnreachable, false);
  EXPECT_EQ(http_.requests.size(), static_cast<std::size_t>(limits::kDownloadAttempts));
  EXPECT_NE(package.error().message().find("http://hub/storage/x.zip"), std::string::npos);
}

TEST_F(DownloaderTest, Case50DoesNotAskAgainWhatWillNotChange) {
  for (const auto& [status, code] : std::initializer_list<std::pair<int, ErrorCode>>{{404, ErrorCode::NotFound},
                                                                                     {410, ErrorCode::NotFound},
                                                                                     {401, ErrorCode::Denied},
                                                                                     {403, ErrorCode::Denied},
                                                                                     {400, ErrorCode::NetworkProtocol},
                                                                                     {204, ErrorCode::NetworkProtocol}}) {
    http_.requests.clear();
    http_.answers = {ScriptedAnswer{.status = status}};
    failed(download(), code, false);
    EXPECT_EQ(http_.requests.size(), 1U) << status;
  }
}

TEST_F(DownloaderTest, GoesInCirclesOnlySoOften) {
  int asked = 0;
  http_.otherwise = [&](const HttpRequestOptions& request) {
    auto answer = ScriptedHttp::serve(request, object_, etag_);
    if (++asked % 2 == 1) {
      answer.cutAfter = 60'000;
    } else {
      answer.headers = {{"Content-Range", "bytes 1-2/3"}};
    }
    return answer;
  };
  const auto package = download();
  ASSERT_FALSE(package);
  EXPECT_LT(asked, 20);
}

TEST_F(DownloaderTest, RefusesOtherBytesThanAnnounced) {
  auto request = this->request();
  request.sha256 = sha256("something else");
  const auto package = downloadWith(*files_, request);
  failed(package, ErrorCode::ContentMismatch, false);
  EXPECT_EQ(http_.requests.size(), 1U);
}

TEST_F(DownloaderTest, StopsWhereItIsCancelledAndKeepsWhatItHas) {
  http_.otherwise = [this](const HttpRequestOptions& request) {
    auto answer = ScriptedHttp::serve(request, object_, etag_);
    answer.cutAfter = 50'000;
    cancelled_ = ScriptedHttp::headerOf(request, "Range") != "";
    return answer;
  };
  failed(download(), ErrorCode::Cancelled, true);
}

class FullFiles final : public ForwardingFiles {
 public:
  using ForwardingFiles::ForwardingFiles;
  Result<void> write(Handle file, std::uint64_t at, std::string_view bytes) override {
    if (at >= 40'000) return Error(ErrorCode::DiskFull, "no space left");
    return ForwardingFiles::write(file, at, bytes);
  }
};

TEST_F(DownloaderTest, Case56SaysThatTheDiskIsFullAndMakesRoom) {
  FullFiles full(*files_);
  failed(downloadWith(full, request()), ErrorCode::DiskFull, false);
  EXPECT_EQ(http_.requests.size(), 1U);
}

}  // namespace
}  // namespace tenon::host
