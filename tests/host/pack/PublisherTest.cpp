#include "host/pack/Publisher.h"

#include <gtest/gtest.h>

#include "host/contract/Change.h"
#include "host/pack/Signer.h"
#include "host/trust/Sha256.h"
#include "tests/host/pack/ServiceFolder.h"

namespace tenon::host {
namespace {

// A hub that takes one request and answers as it was told.
class FakeHub final : public HttpClient {
 public:
  Result<HttpResponse> fetch(const HttpRequestOptions& request, std::size_t) override {
    ++requests;
    last = request;
    body = request.body;
    char buffer[1000];
    while (request.bodySource) {
      TENON_TRY(const std::size_t got, request.bodySource(buffer, sizeof buffer));
      if (got == 0) break;
      body.append(buffer, got);
    }
    return answer;
  }
  Result<HttpResponse> stream(const HttpRequestOptions&, const HttpHeadCheck&, const HttpBodySink&) override {
    return Error(ErrorCode::Internal, "not asked for");
  }
  std::string header(const std::string& name) const {
    std::string found;
    for (const auto& [key, value] : last.headers) found += key == name ? value : "";
    return found;
  }

  Result<HttpResponse> answer = HttpResponse{201, {}, R"({"url":"http://hub/storage/x.zip"})"};
  HttpRequestOptions last;
  std::string body;
  int requests = 0;
};

class PublisherTest : public testing::Test {
 protected:
  PublisherTest() { folder_.write("a.zip", zip_); }

  Result<std::string> publish(const std::string& hub = "http://hub:8080") {
    return Publisher(*files_, hub_).publish({.file = folder_ / "a.zip", .hub = hub, .token = "secret", .channel = channel_});
  }
  ArtifactSignature sign(const std::string& bytes) const {
    const Release release{*ServiceId::parse("nmt"), *SemVer::parse("1.0.0"), *PlatformId::parse("linux-x64")};
    return signArtifact(SecretKeyBytes(), release, sha256(bytes));
  }

  const std::string zip_ = noise(300'000);
  MachineFiles files_;
  TempFolder folder_;
  FakeHub hub_;
  std::string channel_ = "stable";
};

TEST_F(PublisherTest, PostsTheFileWithItsTokenAndLength) {
  const auto url = publish();
  ASSERT_TRUE(url) << url.error().message();
  EXPECT_EQ(*url, "http://hub/storage/x.zip");
  EXPECT_EQ(hub_.last.method, "POST");
  EXPECT_EQ(hub_.last.url, "http://hub:8080/v1/uploads?channel=stable");
  EXPECT_EQ(hub_.header("Authorization"), "Bearer secret");
  EXPECT_EQ(hub_.header("Content-Type"), "application/zip");
  EXPECT_EQ(hub_.last.bodyBytes, zip_.size());
  EXPECT_TRUE(hub_.body == zip_);
  EXPECT_EQ(hub_.last.redirects, 0) << "a token goes to no other place";
  EXPECT_EQ(hub_.header("Tenon-Artifact-Signature"), "");
}

TEST_F(PublisherTest, SendsTheArtifactSignatureAlong) {
  folder_.write("a.zip.sig.json", sign(zip_).toJson().pretty());
  ASSERT_TRUE(publish());
  const auto json = fromBase64(hub_.header("Tenon-Artifact-Signature"));
  ASSERT_TRUE(json);
  EXPECT_EQ(*json, sign(zip_).toJson().text());
}

TEST_F(PublisherTest, RefusesTheSignatureOfAnotherFileBeforeItSendsAnything) {
  folder_.write("a.zip.sig.json", sign("another zip").toJson().pretty());
  expectError(publish(), ErrorCode::BindingMismatch, "a.zip.sig.json", "pack or sign it again");
  folder_.write("a.zip.sig.json", "{}");
  expectError(publish(), ErrorCode::FormatInvalid, "a.zip.sig.json");
  EXPECT_EQ(hub_.requests, 0);
}

TEST_F(PublisherTest, ChoosesTheChannel) {
  channel_ = "beta";
  ASSERT_TRUE(publish("http://hub:8080/prefix/"));
  EXPECT_EQ(hub_.last.url, "http://hub:8080/prefix/v1/uploads?channel=beta");
}

TEST_F(PublisherTest, PutsTheHubBeforeAUrlWithoutHost) {
  hub_.answer = HttpResponse{201, {}, R"({"url":"/storage/services/nmt/1.0.0/linux-x64/service.zip"})"};
  EXPECT_EQ(*publish("http://hub:8080/"), "http://hub:8080/storage/services/nmt/1.0.0/linux-x64/service.zip");
}

TEST_F(PublisherTest, RepeatsTheHubsOwnProblem) {
  const Error problem = Error(ErrorCode::AlreadyExists, "nmt 1.0.0 linux-x64 is there").withHint("raise the version");
  hub_.answer = HttpResponse{409, {}, toJson(problem).text()};
  expectError(publish(), ErrorCode::AlreadyExists, "publish a.zip: nmt 1.0.0 linux-x64 is there", "raise the version");
  // RFC 9457 calls the sentence "detail".
  hub_.answer = HttpResponse{
      422, {}, R"({"title":"Unprocessable","status":422,"code":"key-unknown","detail":"who is that?","hint":"h"})"};
  expectError(publish(), ErrorCode::KeyUnknown, "who is that?", "h");
}

TEST_F(PublisherTest, UnderstandsAnswersThatAreNoProblemDocument) {
  hub_.answer = HttpResponse{401, {}, "<html>"};
  expectError(publish(), ErrorCode::Unauthenticated, "http://hub:8080", "--token-file");
  hub_.answer = HttpResponse{403, {}, ""};
  expectError(publish(), ErrorCode::Denied, "http://hub:8080");
  hub_.answer = HttpResponse{502, {}, "bad gateway"};
  expectError(publish(), ErrorCode::NetworkProtocol, "502", "/health");
  hub_.answer = HttpResponse{202, {}, R"({"url":"x"})"};
  expectError(publish(), ErrorCode::NetworkProtocol, "202");
  for (const std::string body : {"", "[]", "{}", R"({"url":7})", R"({"url":""})"}) {
    hub_.answer = HttpResponse{201, {}, body};
    expectError(publish(), ErrorCode::NetworkProtocol, "did not say where");
  }
}

TEST_F(PublisherTest, PublishingTheSameBytesAgainIsNoFailure) {
  hub_.answer = HttpResponse{200, {}, R"({"url":"/storage/services/x"})"};
  const auto url = publish();
  ASSERT_TRUE(url) << url.error().message();
  EXPECT_EQ(*url, "http://hub:8080/storage/services/x");
}

TEST_F(PublisherTest, PassesOnThatTheHubIsDown) {
  hub_.answer = Error(ErrorCode::NetworkUnreachable, "connection refused");
  expectError(publish(), ErrorCode::NetworkUnreachable, "publish to http://hub:8080: connection refused");
}

TEST_F(PublisherTest, RefusesArgumentsThatCannotBeMeant) {
  expectError(publish("hub:8080"), ErrorCode::Usage, "no hub", "--hub");
  channel_ = "a&b=c";
  expectError(publish(), ErrorCode::Usage, "no channel");
  Publisher publisher(*files_, hub_);
  expectError(publisher.publish({.file = folder_ / "a.zip", .hub = "http://hub", .token = "two\r\nlines"}), ErrorCode::Usage,
              "token");
  expectError(publisher.publish({.file = folder_ / "none.zip", .hub = "http://hub", .token = "t"}), ErrorCode::NotFound,
              "none.zip");
  EXPECT_EQ(hub_.requests, 0);
}

TEST_F(PublisherTest, TellsHowFarItIs) {
  std::uint64_t last = 0, whole = 0;
  Publisher publisher(*files_, hub_);
  ASSERT_TRUE(publisher.publish({.file = folder_ / "a.zip", .hub = "http://hub", .token = "t"},
                                [&](std::uint64_t done, std::uint64_t total) {
                                  EXPECT_GT(done, last);
                                  last = done, whole = total;
                                }));
  EXPECT_EQ(last, zip_.size());
  EXPECT_EQ(whole, zip_.size());
}

}  // namespace
}  // namespace tenon::host
