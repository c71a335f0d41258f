#include "host/package/HubClient.h"

#include <gtest/gtest.h>

#include "tests/host/package/PackageMaker.h"
#include "tests/support/ScriptedHttp.h"

namespace tenon::host {
namespace {

class HubClientTest : public testing::Test {
 protected:
  HubClient clientOf(const std::string& hub) {
    return HubClient::create(http_, hub, [this](Millis time) { waited_ += time; }).value();
  }
  static HubVariant variant(const std::string& url, std::string_view version = "1.3.0",
                            std::string_view platform = "linux-x64") {
    return {releaseNamed("asr", version, platform), url, sha256("zip"), 3, "", std::nullopt};
  }
  void answer(const HubIndex& index) { http_.answers.push_back({.status = 200, .body = index.toJson()}); }

  FakeClock clock_;
  ScriptedHttp http_{clock_};
  Millis waited_{0};
};

TEST_F(HubClientTest, TakesOnlyAHub) {
  for (const auto* hub : {"http://hub", "http://hub:8080", "http://hub:8080/prefix/", "http://[::1]:80"})
    EXPECT_TRUE(HubClient::create(http_, hub)) << hub;
  for (const auto* hub : {"", "hub", "hub:8080", "ftp://hub", "http://", "http://hub?x", "http://hub#x", "http://me@hub",
                          "http://hub/../x", "http://hub/ x"}) {
    const auto client = HubClient::create(http_, hub);
    ASSERT_FALSE(client) << hub;
    EXPECT_EQ(client.error().code(), ErrorCode::Usage) << hub;
    EXPECT_FALSE(client.error().hint().empty());
  }
  EXPECT_EQ(clientOf("http://hub:8080/prefix//").hub(), "http://hub:8080/prefix");
}

TEST_F(HubClientTest, AsksForEachPlatformAndJoinsTheAnswers) {
  answer({{HubService{ServiceId::parse("asr").value(), "ASR", {variant("/a", "1.2.0"), variant("/b", "1.10.0")}}}});
  answer({{HubService{ServiceId::parse("asr").value(), "ASR", {variant("/c", "1.9.0", "linux-arm64")}},
           HubService{ServiceId::parse("tts").value(), "TTS", {variant("/d", "1.0.0", "linux-x64")}}}});
  auto hub = clientOf("http://hub:8080");
  const auto index = hub.list(ServiceId::parse("asr").value(), {"linux-x64", "linux-x86"});
  ASSERT_TRUE(index) << index.error().message();
  EXPECT_EQ(http_.requests.at(0).url, "http://hub:8080/api/services?platform=linux-x64&service_id=asr");
  EXPECT_EQ(http_.requests.at(1).url, "http://hub:8080/api/services?platform=linux-x86&service_id=asr");
  ASSERT_EQ(index->services.size(), 1U);  // case 51: what is listed for another platform is left out
  EXPECT_EQ(index->services[0].variants.size(), 2U);
}

TEST_F(HubClientTest, AsksForEverythingWhereNoPlatformIsGiven) {
  answer({});
  auto hub = clientOf("http://hub");
  EXPECT_TRUE(hub.list(std::nullopt, {}));
  EXPECT_EQ(http_.requests.at(0).url, "http://hub/api/services");
}

TEST_F(HubClientTest, Case50SaysWhatIsWrongWithAnAnswer) {
  auto hub = clientOf("http://hub");
  http_.answers = {{.status = 500}, {.status = 500}, {.status = 500}};
  EXPECT_EQ(hub.list(std::nullopt, {}).error().code(), ErrorCode::NetworkProtocol);
  http_.answers = {{.status = 200, .body = "<html>"}};
  EXPECT_EQ(hub.list(std::nullopt, {}).error().code(), ErrorCode::FormatInvalid);
  const ScriptedAnswer down{.unreachable = Error(ErrorCode::NetworkUnreachable, "refused")};
  http_.answers = {down, down, down};
  EXPECT_EQ(hub.list(std::nullopt, {}).error().code(), ErrorCode::NetworkUnreachable);
}

TEST_F(HubClientTest, Case50AsksAgainAfterPausesThatGrow) {
  auto hub = clientOf("http://hub");
  const ScriptedAnswer down{.unreachable = Error(ErrorCode::NetworkUnreachable, "refused")}, good{.body = "text"};
  const auto document = variant("/storage/x.zip");
  http_.answers = {down, {.status = 502}, good};
  EXPECT_EQ(hub.manifestOf(document).value(), "text");
  EXPECT_GE(waited_, Millis(750));  // 0.5 + 1 s, each less up to a half
  EXPECT_LE(waited_, Millis(1500));
  waited_ = Millis(0);
  http_.requests.clear();
  http_.answers = std::deque<ScriptedAnswer>(limits::kDocumentAttempts, down);
  EXPECT_EQ(hub.list(std::nullopt, {}).error().code(), ErrorCode::NetworkUnreachable);
  EXPECT_EQ(http_.requests.size(), static_cast<std::size_t>(limits::kDocumentAttempts));
  // Of a document and its signature, only what failed.
  http_.requests.clear();
  http_.answers = {good, {.status = 503}, good};
  EXPECT_TRUE(hub.root(2));
  EXPECT_EQ(http_.requests.size(), 3U);
  EXPECT_TRUE(http_.requests.at(2).url.ends_with("/v1/root/2.json.sig"));
}

TEST_F(HubClientTest, Case50WaitsAsLongAsABusyHubAsksFor) {
  auto hub = clientOf("http://hub");
  const auto busy = [](const std::string& after) {
    return ScriptedAnswer{.status = 503, .headers = {{"Retry-After", after}}};
  };
  http_.answers = {busy("2"), {.body = "text"}};
  EXPECT_EQ(hub.manifestOf(variant("/x.zip")).value(), "text");
  EXPECT_EQ(waited_, Millis(2000));
  for (const auto* after : {"Wed, 21 Oct 2026 07:28:00 GMT", "-1", "1e9", "99999999999999999999"}) {
    waited_ = Millis(0);
    http_.answers = {busy(after), {.body = "text"}};
    EXPECT_TRUE(hub.manifestOf(variant("/x.zip"))) << after;
    EXPECT_LE(waited_, Millis(500)) << after;
  }
  // An operator waits for this: not for an hour, nor for as long as a zip may take.
  for (const auto* after : {"3", "3600"}) {
    waited_ = Millis(0);
    http_.answers = {busy(after)};
    EXPECT_EQ(hub.manifestOf(variant("/x.zip")).error().code(), ErrorCode::NetworkProtocol) << after;
    EXPECT_EQ(waited_, Millis(0)) << after;
  }
}

TEST_F(HubClientTest, Case50DoesNotAskAgainWhatWillNotChange) {
  auto hub = clientOf("http://hub");
  const std::vector<std::pair<ScriptedAnswer, ErrorCode>> answers = {
      {{.status = 404}, ErrorCode::NotFound},
      {{.status = 400}, ErrorCode::NetworkProtocol},
      {{.status = 403}, ErrorCode::NetworkProtocol},
      {{.unreachable = Error(ErrorCode::RedirectRefused, "elsewhere")}, ErrorCode::RedirectRefused},
      {{.unreachable = Error(ErrorCode::NetworkSlow, "nothing for 30 s")}, ErrorCode::NetworkSlow}};
  for (const auto& [answer, code] : answers) {
    http_.requests.clear();
    http_.answers = {answer};
    EXPECT_EQ(hub.manifestOf(variant("/x.zip")).error().code(), code) << answer.status;
    EXPECT_EQ(http_.requests.size(), 1U) << answer.status;
  }
  EXPECT_EQ(waited_, Millis(0));
}

// What a hotel's network answers, or a web server that is no hub.
TEST_F(HubClientTest, Case50SaysThatTheAnswerIsAWebPage) {
  auto hub = clientOf("http://hub");
  const ScriptedAnswer page{.headers = {{"Content-Type", "text/html; charset=utf-8"}}, .body = "<!DOCTYPE html><html>{}"};
  http_.answers = {page, page, page};
  const auto list = hub.list(std::nullopt, {});
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().code(), ErrorCode::NetworkProtocol);
  EXPECT_NE(list.error().message().find("a web page"), std::string::npos) << list.error().message();
  EXPECT_NE(list.error().hint().find("login"), std::string::npos) << list.error().hint();
  http_.answers = {page,
                   {.status = 200, .headers = page.headers, .body = HubIndex().toJson()}};  // named wrongly, but a list
  EXPECT_TRUE(hub.list(std::nullopt, {}));
}

TEST_F(HubClientTest, MakesUrlsAbsolute) {
  const auto plain = clientOf("http://hub:8080"), prefixed = clientOf("http://hub:8080/models");
  EXPECT_EQ(plain.artifactUrl(variant("/storage/x.zip")).value(), "http://hub:8080/storage/x.zip");
  EXPECT_EQ(plain.artifactUrl(variant("storage/x.zip")).value(), "http://hub:8080/storage/x.zip");
  EXPECT_EQ(plain.artifactUrl(variant("http://hub:8080/storage/x.zip")).value(), "http://hub:8080/storage/x.zip");
  EXPECT_EQ(plain.artifactUrl(variant("http://HUB:8080/x.zip")).value(), "http://HUB:8080/x.zip");
  EXPECT_EQ(clientOf("http://hub").artifactUrl(variant("http://hub:80/x.zip")).value(), "http://hub:80/x.zip");
  EXPECT_EQ(prefixed.artifactUrl(variant("/storage/x.zip")).value(), "http://hub:8080/models/storage/x.zip");
  EXPECT_EQ(prefixed.artifactUrl(variant("/models/storage/x.zip")).value(), "http://hub:8080/models/storage/x.zip");
}

TEST_F(HubClientTest, Case48GoesToNoOtherHost) {
  const auto hub = clientOf("http://hub:8080");
  for (const auto* url :
       {"http://other:8080/x.zip", "http://hub/x.zip", "http://hub:8081/x.zip", "https://hub:8080/x.zip",
        "file:///etc/passwd", "//other/x.zip", "http://hub:8080@other/x.zip", "http://169.254.169.254/x.zip"}) {
    const auto artifact = hub.artifactUrl(variant(url));
    ASSERT_FALSE(artifact) << url;
    EXPECT_EQ(artifact.error().code(), ErrorCode::RedirectRefused) << url << ": " << artifact.error().message();
  }
}

TEST_F(HubClientTest, Case52GoesToNoOtherFolder) {
  const auto hub = clientOf("http://hub:8080/models");
  for (const auto* url : {"/storage/../../x.zip", "/a/%2e%2e/x.zip", "/a/..%2fx.zip", "/a/%2fx.zip", "/a b.zip", "/a\nb",
                          "\\\\other\\x", ""}) {
    const auto artifact = hub.artifactUrl(variant(url));
    ASSERT_FALSE(artifact) << url;
    EXPECT_EQ(artifact.error().code(), ErrorCode::FormatInvalid) << url;
  }
}

TEST_F(HubClientTest, AsksForManifestBesideTheZip) {
  auto hub = clientOf("http://hub");
  http_.answers = {{.status = 200, .body = "text"}, {.status = 404}};
  EXPECT_EQ(hub.manifestOf(variant("/storage/services/asr/1.3.0/linux-x64/service.zip?x=1/2")).value(), "text");
  EXPECT_EQ(http_.requests.at(0).url, "http://hub/storage/services/asr/1.3.0/linux-x64/MANIFEST");
  EXPECT_EQ(hub.manifestOf(variant("/x.zip")).error().code(), ErrorCode::NotFound);
}

}  // namespace
}  // namespace tenon::host
