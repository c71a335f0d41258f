#include "tests/host/hub/HubFixture.h"

namespace tenon::host {
namespace {

class HubUpload : public HubFixture {
 protected:
  void expectRefused(const HttpResponse& answer, int status, const std::string& code) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(memberOf(answer.body, "code"), code) << answer.body;
    EXPECT_EQ(hub_->releases(), 0U);
    EXPECT_TRUE(isClean());
  }
};

TEST_F(HubUpload, Case84NeedsTheToken) {
  const std::string zip = PackageMaker().zip().bytes();
  for (const std::string header : {"", "Bearer ", "Bearer wrong", "Basic abc"}) {
    HttpRequestOptions request{.method = "POST", .url = url("/v1/uploads"), .body = zip};
    if (!header.empty()) request.headers = {{"Authorization", header}};
    expectRefused(sent(request), 401, "unauthenticated");
  }
  HttpRequestOptions almost{.method = "POST", .url = url("/v1/uploads"), .body = zip};
  almost.headers = {{"Authorization", "Bearer " + token().substr(1)}};
  expectRefused(sent(almost), 401, "unauthenticated");
  almost.headers = {{"Authorization", "bearer" + token()}};
  expectRefused(sent(almost), 401, "unauthenticated");
}

TEST_F(HubUpload, NeedsASizeThatIsAllowed) {
  expectRefused(publish(""), 400, "usage");
  HttpRequestOptions huge{.method = "POST", .url = url("/v1/uploads"), .bodyBytes = limits::kZipBytes + 1};
  huge.headers = {{"Authorization", "Bearer " + token()}};
  huge.bodySource = [](char* into, std::size_t most) -> Result<std::size_t> {
    std::fill_n(into, most, 'x');
    return most;
  };
  expectRefused(sent(huge), 413, "limit-exceeded");
  huge.bodyBytes = limits::kZipBytes;  // allowed, but there is no disk of that size here
  expectRefused(sent(huge), 507, "disk-full");
}

TEST_F(HubUpload, TheSameBytesTwiceAreTheSameRelease) {
  const std::string zip = PackageMaker().zip().bytes();
  const HttpResponse first = publish(zip), second = publish(zip);
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(first.body, second.body);
  EXPECT_EQ(hub_->releases(), 1U);
  EXPECT_TRUE(isClean());
}

TEST_F(HubUpload, OtherBytesForAReleaseAreRefused) {
  PackageMaker maker;
  const std::string zip = maker.zip().bytes();
  ASSERT_EQ(publish(zip).status, 201);
  maker.files["app/main.py"].text += "# changed\n";
  const HttpResponse again = publish(maker.zip().bytes());
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(memberOf(again.body, "code"), "already-exists");
  EXPECT_EQ(get("/storage/services/asr/1.3.0/linux-x64/service.zip").body, zip);
  EXPECT_TRUE(isClean());
}

TEST_F(HubUpload, ARenamedButUnknownReleaseIsTakenUp) {
  const std::string zip = PackageMaker().zip().bytes();
  ASSERT_EQ(publish(zip).status, 201);
  const auto place = folder_.text() + "/data/storage/services/asr", away = folder_.text() + "/away";
  std::filesystem::rename(place, away);
  serve();
  ASSERT_EQ(hub_->releases(), 0U);
  std::filesystem::rename(away, place);  // as when the last sync of a publish had failed
  EXPECT_EQ(publish(zip).status, 200);
  EXPECT_EQ(hub_->releases(), 1U);
}

TEST_F(HubUpload, WhatIsNoPackageIsRefused) {
  expectRefused(publish("this is no zip"), 422, "archive-invalid");
  const std::string zip = PackageMaker().zip().bytes();
  expectRefused(publish(zip.substr(0, zip.size() - 30)), 422, "archive-invalid");
  expectRefused(publish("x" + zip), 422, "archive-invalid");
  PackageMaker climbing;
  climbing.files["../evil"] = {"x"};
  expectRefused(publish(climbing.zip().bytes()), 422, "path-unsafe");
}

TEST_F(HubUpload, APackageWithoutSignaturesIsRefused) {
  PackageMaker maker;
  expectRefused(publish(maker.plainZip().bytes()), 422, "signature-invalid");
  MadeZip unsignedZip = maker.zip();
  unsignedZip.entries.erase(unsignedZip.entries.begin() + 1);
  const HttpResponse answer = publish(unsignedZip.bytes());
  EXPECT_EQ(answer.status, 422) << answer.body;
  EXPECT_EQ(hub_->releases(), 0U);
  MadeZip broken = maker.zip();
  broken.entries[1] = PackageMaker::entry("MANIFEST.sig", {"ed25519 abc def\n"});
  expectRefused(publish(broken.bytes()), 422, "format-invalid");
}

TEST_F(HubUpload, ATamperedPackageIsRefused) {
  const PackageMaker maker;
  MadeZip changed = maker.zip();
  for (auto& entry : changed.entries) {
    if (entry.name == "service.json") entry.content.back() = ' ', entry.content += "}";
  }
  expectRefused(publish(changed.bytes()), 422, "content-mismatch");
  MadeZip more = maker.zip();
  more.entries.push_back(PackageMaker::entry("zzz", {"more"}));
  expectRefused(publish(more.bytes()), 422, "content-extra");
  MadeZip fewer = maker.zip();
  fewer.entries.pop_back();
  expectRefused(publish(fewer.bytes()), 422, "content-missing");
  MadeZip swapped = maker.zip();
  std::swap(swapped.entries[2], swapped.entries[3]);
  expectRefused(publish(swapped.bytes()), 422, "archive-invalid");
  expectRefused(publish(maker.zipWith("tenon-manifest 2\n").bytes()), 422, "format-invalid");
}

TEST_F(HubUpload, PartsThatSpeakOfDifferentReleasesAreRefused) {
  PackageMaker version = packageOf("asr", "1.3.0");
  version.files["service.json"].text = serviceJson("asr", "1.3.1");
  expectRefused(publish(version.zip().bytes()), 422, "binding-mismatch");
  PackageMaker service = packageOf("asr", "1.3.0");
  service.files["service.json"].text = serviceJson("tts", "1.3.0");
  expectRefused(publish(service.zip().bytes()), 422, "binding-mismatch");
  PackageMaker platform;
  platform.release = releaseNamed("asr", "1.3.0", "linux-arm64");
  expectRefused(publish(platform.zip().bytes()), 422, "binding-mismatch");

  PackageMaker maker;
  const std::string zip = maker.zip().bytes();
  expectRefused(publish(zip, maker.artifactSignature("other bytes")), 422, "binding-mismatch");
  maker.release = releaseNamed("asr", "1.3.1");
  expectRefused(publish(zip, maker.artifactSignature(zip)), 422, "binding-mismatch");
}

TEST_F(HubUpload, AnArtifactSignatureThatIsNoneIsRefused) {
  HttpRequestOptions request{.method = "POST", .url = url("/v1/uploads"), .body = PackageMaker().zip().bytes()};
  for (const std::string header : {"%%%", "e30=", "bm8ganNvbg=="}) {
    request.headers = {{"Authorization", "Bearer " + token()}, {"Tenon-Artifact-Signature", header}};
    expectRefused(sent(request), 422, "format-invalid");
  }
}

TEST_F(HubUpload, APackageOfTheOriginIsTakenOnItsArtifactSignature) {
  const PackageMaker maker;
  const std::string zip = maker.plainZip().bytes();
  EXPECT_EQ(publish(zip, maker.artifactSignature(zip)).status, 201);
  const std::string base = "/storage/services/asr/1.3.0/linux-x64/";
  EXPECT_EQ(get(base + "service.zip").body, zip);
  EXPECT_EQ(get(base + "MANIFEST").status, 404);
  PackageMaker other = packageOf("asr", "1.4.0");
  other.files["service.json"].text = serviceJson("asr", "1.5.0");
  const std::string wrong = other.plainZip().bytes();
  EXPECT_EQ(memberOf(publish(wrong, other.artifactSignature(wrong)).body, "code"), "binding-mismatch");
}

TEST_F(HubUpload, AHubWithKeysJudgesSignatures) {
  const PackageMaker known, unknown;
  const SignatureVerifier verifier(known.ring());
  serve(&verifier);
  expectRefused(publish(unknown.zip().bytes()), 422, "key-unknown");
  EXPECT_EQ(publish(known.zip().bytes()).status, 201);
  hub_.reset();
}

TEST_F(HubUpload, AnUploadThatBreaksOffLeavesNothing) {
  const std::string zip = PackageMaker().zip().bytes();
  HttpRequestOptions request{.method = "POST", .url = url("/v1/uploads"), .bodyBytes = zip.size() + 1000};
  request.headers = {{"Authorization", "Bearer " + token()}};
  bool given = false;
  request.bodySource = [&](char* into, std::size_t most) -> Result<std::size_t> {
    if (std::exchange(given, true)) return Error(ErrorCode::Cancelled, "enough");
    const auto count = std::min(most, zip.size());
    std::copy_n(zip.data(), count, into);
    return count;
  };
  EXPECT_FALSE(client_.fetch(request, 1000));
  hub_->stop();  // which waits for the handler
  EXPECT_TRUE(isClean());
  EXPECT_EQ(hub_->releases(), 0U);
}

}  // namespace
}  // namespace tenon::host
