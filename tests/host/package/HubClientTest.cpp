#include "host/package/HubClient.h"

#include <gtest/gtest.h>

#include "tests/host/package/PackageMaker.h"
#include "tests/support/ScriptedHttp.h"

namespace tenon::host {
namespace {

class HubClientTest : public testing::Test {
 protected:
  HubClient clientOf(const std::string& hub) { return HubClient::create(http_, hub).value(); }
  static HubVariant variant(const std::string& url, std::string_view version = "1.3.0",
                            std::string_view platform = "linux-x64") {
    return {releaseNamed("asr", version, platform), url, sha256("zip"), 3, "", std::nullopt};
  }
  void answer(const HubIndex& index) { http_.answers.push_back({.status = 200, .body = index.toJson()}); }

  FakeClock clock_;
  ScriptedHttp http_{clock_};
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
  http_.answers = {{.status = 500}};
  EXPECT_EQ(hub.list(std::nullopt, {}).error().code(), ErrorCode::NetworkProtocol);
  http_.answers = {{.status = 200, .body = "<html>"}};
  EXPECT_EQ(hub.list(std::nullopt, {}).error().code(), ErrorCode::FormatInvalid);
  http_.answers = {{.unreachable = Error(ErrorCode::NetworkUnreachable, "refused")}};
  EXPECT_EQ(hub.list(std::nullopt, {}).error().code(), ErrorCode::NetworkUnreachable);
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
