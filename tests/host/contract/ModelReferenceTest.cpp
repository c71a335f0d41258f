#include "host/contract/service/ModelReference.h"

#include <gtest/gtest.h>

#include "host/contract/release/HubModels.h"
#include "tests/host/contract/Samples.h"

namespace tenon::host {
namespace {

const std::string kHash(64, 'a'), kOther(64, 'b');

std::string file(const std::string& path, const std::string& hash = kHash, const std::string& size = "7") {
  return R"({"path":")" + path + R"(","sha256":")" + hash + R"(","size":)" + size + "}";
}
std::string model(const std::string& files, const std::string& id = "nmt-zh-en", const std::string& version = "2024.1") {
  return R"({"id":")" + id + R"(","version":")" + version + R"(","files":[)" + files + "]}";
}
Result<std::vector<ModelReference>> parsed(const std::string& models) {
  const auto json = Json::parse("[" + models + "]");
  return parseModels(*json);
}

TEST(ModelReference, SaysWhichFilesAndWhereTheyLie) {
  const auto models = parsed(model(file("vocab.txt") + "," + file("deep/weights.bin", kOther, "5368709120")));
  ASSERT_TRUE(models) << models.error().message();
  ASSERT_EQ(models->size(), 1U);
  EXPECT_EQ(models->front().id, "nmt-zh-en");
  EXPECT_EQ(models->front().version, "2024.1");
  EXPECT_EQ(models->front().files[1].place(), "models/deep/weights.bin");
  EXPECT_EQ(models->front().files[1].size, 5368709120U);
  EXPECT_EQ(models->front().files[1].sha256.hex(), kOther);
}

TEST(ModelReference, RefusesWhatLeadsElsewhereOrIsNoFile) {
  for (const auto& bad :
       {model(file("../x")), model(file("/x")), model(file("a/./b")), model(file("CON")), model(file("x", "abc")),
        model(file("x", kHash, "0")), model(file("x", kHash, "-1")), model(file("x", kHash, "1e3")), model(""),
        model(file("x"), ".."), model(file("x"), "a/b"), model(file("x"), ""), model(file("x"), "a", "1/2"),
        model(file("x"), "a", std::string(129, '1')), std::string("7"), std::string(R"({"id":"a","version":"1"})")}) {
    expectRefused(parsed(bad), ErrorCode::FormatInvalid, "");
  }
}

TEST(ModelReference, RefusesTwoFilesInOnePlace) {
  expectRefused(parsed(model(file("x") + "," + file("x"))), ErrorCode::FormatInvalid, "x");
  expectRefused(parsed(model(file("Weights.bin")) + "," + model(file("weights.bin"), "other")), ErrorCode::FormatInvalid,
                "eights.bin");
  expectRefused(parsed(model(file("a") + "," + file("a/b"))), ErrorCode::FormatInvalid, "a");
}

std::string listed(const std::string& checksum) {
  return R"([{"id":"M2M","name":"Many","task":"translate","languages":["zh"],"default_version":"1",)"
         R"("versions":[{"version":"1","size_bytes":9,"files":[{"path":"a.bin","size_bytes":4},{"path":"d/b.bin","size_bytes":5}],)"
         R"("checksum_sha256":)" +
         checksum + R"(,"updated_at":"2024"}]}])";
}

TEST(HubModels, AreReadWithEitherFormOfTheirHashes) {
  const std::string map = R"({"a.bin":")" + kHash + R"(","d/b.bin":")" + std::string(64, 'B') + R"("})";
  std::string asText;
  for (const char c : map) asText += c == '"' ? std::string("\\\"") : std::string(1, c);
  for (const auto& form : {map, "\"" + asText + "\""}) {
    const auto models = parseHubModels(listed(form));
    ASSERT_TRUE(models) << models.error().message();
    const auto version = models->front().choose("");
    ASSERT_TRUE(version);
    EXPECT_EQ((*version)->sizeBytes(), 9U);
    EXPECT_EQ((*version)->files[0].sha256->hex(), kHash);
    EXPECT_EQ((*version)->files[1].sha256->hex(), kOther);
  }
  const auto without = parseHubModels(listed("null"));
  ASSERT_TRUE(without);
  EXPECT_FALSE(without->front().versions.front().files.front().sha256);
}

TEST(HubModels, OneHashIsTheOnlyFiles) {
  const auto models =
      parseHubModels(R"({"id":"m","versions":[{"version":"1","files":[{"path":"a","size_bytes":4}],"checksum_sha256":")" +
                     kHash + R"("}]})");
  ASSERT_TRUE(models) << models.error().message();
  EXPECT_EQ(models->front().versions.front().files.front().sha256->hex(), kHash);
  const auto two = parseHubModels(listed("\"" + kHash + "\""));
  ASSERT_TRUE(two);
  EXPECT_FALSE(two->front().versions.front().files.front().sha256);
}

TEST(HubModels, RefusesNamesThatClimbAndHashesThatAreNone) {
  expectRefused(parseHubModels(listed("\"12\"")), ErrorCode::FormatInvalid, "checksum_sha256");
  expectRefused(parseHubModels(listed("\"{\"")), ErrorCode::FormatInvalid, "hashes");
  for (const auto& bad : {R"([{"id":"../m","versions":[]}])", R"([{"id":"m","versions":[{"version":"..","files":[]}]}])",
                          R"([{"id":"m","versions":[{"version":"1","files":[{"path":"../x","size_bytes":1}]}]}])", "7"}) {
    expectRefused(parseHubModels(bad), ErrorCode::FormatInvalid, "");
  }
}

TEST(HubModels, TellsWhichVersionsThereAre) {
  const auto models = parseHubModels(listed("null"));
  ASSERT_TRUE(models);
  const auto chosen = models->front().choose("2");
  expectRefused(chosen, ErrorCode::NotFound, "no version \"2\"");
  EXPECT_EQ(chosen.error().hint(), "it has 1");
}

}  // namespace
}  // namespace tenon::host
