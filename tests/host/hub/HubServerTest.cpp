#include "host/pack/Publisher.h"
#include "host/package/HubClient.h"
#include "tests/host/hub/HubFixture.h"

namespace tenon::host {
namespace {

class HubServerTest : public HubFixture {};

TEST_F(HubServerTest, IsHealthyAndEmptyAtFirst) {
  EXPECT_EQ(get("/health").body, R"({"status":"OK"})");
  EXPECT_EQ(get("/api/services").body, R"({"services":[]})");
  EXPECT_EQ(get("/api/services/asr/1.0.0/linux-x64").status, 404);
  EXPECT_EQ(get("/storage/services/asr/1.0.0/linux-x64/service.zip").status, 404);
  EXPECT_EQ(get("/v1/uploads").status, 405);
}

TEST_F(HubServerTest, ListsWhatWasPublishedInTheOriginsShape) {
  const PackageMaker maker;
  const std::string zip = maker.zip().bytes();
  const auto signature = maker.artifactSignature(zip);
  const std::string hash = sha256(zip).hex(), size = std::to_string(zip.size());
  const HttpResponse published = publish(zip, signature);
  EXPECT_EQ(published.status, 201);
  EXPECT_EQ(published.body, R"({"service_id":"asr","version":"1.3.0","platform":"linux-x64","sha256":")" + hash +
                                R"(","url":"/storage/services/asr/1.3.0/linux-x64/service.zip"})");

  const std::string variant =
      R"({"version":"1.3.0","platform":"linux-x64","artifact":{"type":"zip","url":"/storage/services/asr/1.3.0/linux-x64/service.zip",)"
      R"("sha256":")" +
      hash + R"(","size_bytes":)" + size + R"(,"etag":")" + hash + R"("},"signature":{"alg":"ed25519","key_id":")" +
      signature.keyId + R"(","value_b64":")" + signature.valueBase64 +
      R"(","signed_payload":{"service_id":"asr","version":"1.3.0","platform":"linux-x64","sha256":")" + hash + R"("}}})";
  EXPECT_EQ(
      get("/api/services").body,
      R"({"services":[{"service_id":"asr","name":"A service","latest_version":"1.3.0","variants":[)" + variant + "]}]}");
  const HttpResponse one = get("/api/services/asr/1.3.0/linux-x64");
  EXPECT_EQ(one.body, variant);
  EXPECT_EQ(one.header("Content-Type"), "application/json");
}

TEST_F(HubServerTest, AnswersNullWhereThereIsNoArtifactSignature) {
  ASSERT_EQ(publish(PackageMaker().zip().bytes()).status, 201);
  EXPECT_TRUE(get("/api/services/asr/1.3.0/linux-x64").body.ends_with(R"("signature":null})"));
}

TEST_F(HubServerTest, FiltersAndOrdersBySemver) {
  for (const char* const version : {"1.9.0", "1.10.0", "2.0.0-rc.1"}) {
    ASSERT_EQ(publish(packageOf("asr", version).zip().bytes()).status, 201);
  }
  ASSERT_EQ(publish(packageOf("nmt", "0.1.0").zip().bytes()).status, 201);
  const auto list = [&](const std::string& query) { return *HubIndex::parse(get("/api/services" + query).body); };
  EXPECT_EQ(list("").services.size(), 2U);
  EXPECT_EQ(memberOf(get("/api/services?service_id=asr").body, "services"), "");
  EXPECT_NE(get("/api/services?service_id=asr").body.find(R"("latest_version":"1.10.0")"), std::string::npos);
  const auto asr = list("?service_id=asr&platform=linux-x64");
  ASSERT_EQ(asr.services.size(), 1U);
  ASSERT_EQ(asr.services[0].variants.size(), 3U);
  EXPECT_EQ(asr.services[0].variants[0].release.version.text(), "2.0.0-rc.1");
  EXPECT_EQ(asr.services[0].variants[1].release.version.text(), "1.10.0");
  EXPECT_EQ(list("?version=1.9.0").services.at(0).variants.size(), 1U);
  EXPECT_TRUE(list("?platform=windows-x64").services.empty());
  EXPECT_TRUE(list("?service_id=none").services.empty());
  EXPECT_EQ(get("/api/services?platform=No%20Platform").status, 400);
  EXPECT_EQ(get("/api/services?version=latest").status, 400);
}

TEST_F(HubServerTest, ShowsOtherChannelsOnlyToThoseWhoAsk) {
  ASSERT_EQ(publish(packageOf("asr", "1.0.0").zip().bytes()).status, 201);
  ASSERT_EQ(publish(packageOf("asr", "1.1.0").zip().bytes(), {}, "?channel=beta").status, 201);
  const auto versions = [&](const std::string& query) {
    std::string all;
    const auto index = HubIndex::parse(get("/api/services" + query).body);
    for (const auto& each : index->services.at(0).variants) {
      all += each.release.version.text() + " ";
    }
    return all;
  };
  EXPECT_EQ(versions(""), "1.0.0 ");
  EXPECT_EQ(versions("?channel=beta"), "1.1.0 ");
  EXPECT_EQ(versions("?version=1.1.0"), "1.1.0 ");
  EXPECT_EQ(get("/api/services/asr/1.1.0/linux-x64").status, 200);
  EXPECT_EQ(publish(packageOf("asr", "1.2.0").zip().bytes(), {}, "?channel=Not%2Fone").status, 400);
}

TEST_F(HubServerTest, SaysThatAListHasNotChanged) {
  const HttpResponse before = get("/api/services");
  const std::string etag = before.header("ETag");
  ASSERT_FALSE(etag.empty());
  const HttpResponse same = get("/api/services", {{"If-None-Match", etag}});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  ASSERT_EQ(publish(PackageMaker().zip().bytes()).status, 201);
  const HttpResponse after = get("/api/services", {{"If-None-Match", etag}});
  EXPECT_EQ(after.status, 200);
  EXPECT_NE(after.header("ETag"), etag);
}

TEST_F(HubServerTest, ServesTheZipWholeAndInParts) {
  const PackageMaker maker;
  const std::string zip = maker.zip().bytes(), path = "/storage/services/asr/1.3.0/linux-x64/service.zip";
  ASSERT_EQ(publish(zip).status, 201);
  const HttpResponse whole = get(path);
  EXPECT_EQ(whole.body, zip);
  EXPECT_EQ(whole.header("Content-Type"), "application/zip");
  const std::string etag = whole.header("ETag");
  EXPECT_EQ(etag, "\"" + sha256(zip).hex() + "\"");
  EXPECT_EQ(get(path, {{"If-None-Match", etag}}).status, 304);
  const HttpResponse part = get(path, {{"Range", "bytes=10-19"}, {"If-Range", etag}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, zip.substr(10, 10));
  EXPECT_EQ(get(path, {{"Range", "bytes=-22"}}).body, zip.substr(zip.size() - 22));
  EXPECT_EQ(get(path, {{"Range", "bytes=" + std::to_string(zip.size()) + "-"}}).status, 416);
  const HttpResponse head = get(path, {}, "HEAD");
  EXPECT_EQ(head.header("Content-Length"), std::to_string(zip.size()));
  EXPECT_EQ(head.body, "");
}

TEST_F(HubServerTest, ServesManifestAndItsSignatureBesideTheZip) {
  const PackageMaker maker;
  ASSERT_EQ(publish(maker.zip().bytes()).status, 201);
  const std::string base = "/storage/services/asr/1.3.0/linux-x64/";
  const HttpResponse manifest = get(base + "MANIFEST");
  EXPECT_EQ(manifest.body, maker.manifest().text());
  EXPECT_TRUE(get(base + "MANIFEST.sig").body.starts_with("ed25519 "));
  EXPECT_NE(manifest.header("ETag"), get(base + "service.zip").header("ETag"));
  EXPECT_EQ(get(base + "variant.json").status, 404);
  EXPECT_EQ(get(base + "../linux-x64/service.zip").status, 400);
  EXPECT_EQ(get("/storage/services/asr/1.3.0%2flinux-x64/x/service.zip").status, 400);
  EXPECT_EQ(get("/storage/services/ASR/1.3.0/linux-x64/service.zip").status, 404);
}

TEST_F(HubServerTest, RemembersAfterARestart) {
  const PackageMaker maker;
  const std::string zip = maker.zip().bytes();
  ASSERT_EQ(publish(zip, maker.artifactSignature(zip)).status, 201);
  const std::string list = get("/api/services").body, secret = token();
  std::filesystem::create_directories((folder_ / "data/uploads/left-behind").text());
  serve();
  EXPECT_EQ(get("/api/services").body, list);
  EXPECT_EQ(token(), secret);
  EXPECT_FALSE(hub_->tokenWasMade());
  EXPECT_EQ(hub_->releases(), 1U);
  EXPECT_TRUE(isClean());
}

TEST_F(HubServerTest, DoesNotListWhatIsNotWhole) {
  ASSERT_EQ(publish(packageOf("asr", "1.0.0").zip().bytes()).status, 201);
  ASSERT_EQ(publish(packageOf("asr", "1.1.0").zip().bytes()).status, 201);
  ASSERT_EQ(publish(packageOf("asr", "1.2.0").zip().bytes()).status, 201);
  folder_.write("data/storage/services/asr/1.1.0/linux-x64/service.zip", "short");
  folder_.write("data/storage/services/asr/1.2.0/linux-x64/variant.json", "{");
  serve();
  EXPECT_EQ(hub_->releases(), 1U);
  EXPECT_NE(log_.text().find("1.1.0"), std::string::npos);
  EXPECT_NE(log_.text().find("1.2.0"), std::string::npos);
}

TEST_F(HubServerTest, IsAloneInItsFolder) {
  const auto second = HubServer::open({.data = folder_ / "data", .listen = "127.0.0.1:0"}, {*files_, pool_, clock_, log_});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::Busy);
}

TEST_F(HubServerTest, IsUnderstoodByPublisherAndClient) {
  const PackageMaker maker;
  const std::string zip = maker.zip().bytes();
  const Path file = folder_.write("asr.zip", zip);
  folder_.write("asr.zip.sig.json", maker.artifactSignature(zip).toJson().text());
  Publisher publisher(*files_, client_);
  const PublishRequest request{.file = file, .hub = url(""), .token = token()};
  const auto where = publisher.publish(request);
  ASSERT_TRUE(where) << where.error().message();
  EXPECT_EQ(*where, url("/storage/services/asr/1.3.0/linux-x64/service.zip"));

  PublishRequest stranger = request;
  stranger.token = "wrong-token-wrong-token";
  const auto refused = publisher.publish(stranger);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::Unauthenticated);

  auto client = HubClient::create(client_, url(""));
  ASSERT_TRUE(client);
  const auto index = client->list(maker.release.service, {"linux-x64", "linux-arm64"});
  ASSERT_TRUE(index) << index.error().message();
  const auto chosen = index->choose(*ReleaseSpec::parse("asr"), {"linux-x64"});
  ASSERT_TRUE(chosen) << chosen.error().message();
  EXPECT_EQ(chosen->sha256, sha256(zip));
  ASSERT_TRUE(chosen->signature);
  const auto artifact = client->artifactUrl(*chosen);
  ASSERT_TRUE(artifact) << artifact.error().message();
  EXPECT_EQ(sent({.url = *artifact}).body, zip);
}

}  // namespace
}  // namespace tenon::host
