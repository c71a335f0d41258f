#include "host/contract/release/HubIndex.h"

#include "tests/host/contract/Samples.h"

namespace tenon::host {
namespace {

HubVariant variantOf(std::string_view version, std::string_view platform) {
  return {releaseOf("nmt-zh-en", version, platform),
          "/storage/services/nmt-zh-en/service.zip",
          digestOf('a'),
          1234,
          "\"e\"",
          std::nullopt};
}

HubIndex indexOf(std::vector<HubVariant> variants) {
  return {{{ServiceId::parse("nmt-zh-en").value(), "NMT", std::move(variants)}}};
}

std::string chosen(const HubIndex& index, std::string_view spec, const std::vector<std::string>& platforms) {
  const auto variant = index.choose(ReleaseSpec::parse(spec).value(), platforms);
  if (!variant)
    return std::string(name(variant.error().code())) + ": " + variant.error().message() + " | " + variant.error().hint();
  return variant->release.version.text() + " " + variant->release.platform.text();
}

const std::string kVariant =
    R"({"version":"1.3.0","platform":"linux-x64","artifact":{"type":"zip","url":"/s.zip","sha256":")" +
    std::string(64, 'a') + R"(","size_bytes":1234,"etag":"\"e\""},"signature":{"alg":"ed25519",)" +
    R"("key_id":"company-2025-01","value_b64":"AAAA","signed_payload":{"service_id":"nmt-zh-en",)" +
    R"("version":"1.3.0","platform":"linux-x64","sha256":")" + std::string(64, 'a') + R"("}}})";

TEST(HubIndex, WritesTheOriginsShapeExactly) {
  const std::string text =
      R"({"services":[{"service_id":"nmt-zh-en","name":"NMT zh→en","latest_version":"1.3.0","variants":[)" + kVariant +
      "]}]}";
  const auto index = HubIndex::parse(text);
  ASSERT_TRUE(index) << index.error().message();
  EXPECT_EQ(index->toJson(), text);
  const auto& variant = index->services.at(0).variants.at(0);
  EXPECT_EQ(variant.sizeBytes, 1234U);
  EXPECT_EQ(variant.etag, "\"e\"");
  EXPECT_EQ(variant.signature->keyId, "company-2025-01");
  EXPECT_EQ(variant.signature->release, variant.release);
}

TEST(HubIndex, ToleratesUnknownMembersAndNulls) {
  const auto index = HubIndex::parse(
      R"({"count":1,"services":[{"service_id":"a","extra":[1],"variants":[{"version":"1.0.0","platform":"linux-x64","x":1,)"
      R"("artifact":{"url":"u","sha256":")" +
      std::string(64, 'b') + R"(","size_bytes":5,"etag":null},"signature":null}]}]})");
  ASSERT_TRUE(index) << index.error().message();
  EXPECT_EQ(index->services[0].name, "a");
  EXPECT_FALSE(index->services[0].variants[0].signature);
  EXPECT_NE(index->toJson().find("\"signature\":null"), std::string::npos);
}

TEST(HubIndex, SortsBySemverWhereTheOriginSortedByText) {
  const auto text =
      indexOf({variantOf("1.9.0", "linux-x64"), variantOf("1.10.0", "linux-x64"), variantOf("2.0.0-rc.1", "linux-x64")})
          .toJson();
  EXPECT_NE(text.find("\"latest_version\":\"1.10.0\""), std::string::npos) << text;
  const auto index = HubIndex::parse(text).value();
  EXPECT_EQ(index.services[0].variants[0].release.version.text(), "2.0.0-rc.1");
  EXPECT_EQ(index.services[0].variants[1].release.version.text(), "1.10.0");
}

TEST(HubIndex, Case52_RefusesIdsAndVersionsThatAreNone) {
  const auto with = [](const std::string& from, const std::string& to) {
    std::string text = "{\"services\":[{\"service_id\":\"nmt-zh-en\",\"variants\":[" + kVariant + "]}]}";
    return text.replace(text.find(from), from.size(), to);
  };
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{{"nmt-zh-en", "../x"},
                                                                                 {"nmt-zh-en", "a%2fb"},
                                                                                 {"1.3.0", "1.3.0/.."},
                                                                                 {"linux-x64", "linux/x64"},
                                                                                 {"1234", "-1"},
                                                                                 {"1234", "1e3"},
                                                                                 {"1234", "\"1234\""},
                                                                                 {"1234", "18446744073709551616"},
                                                                                 {"zip", "tar"},
                                                                                 {"ed25519", "rsa"},
                                                                                 {"aaaa", "AAAA"}}) {
    const auto index = HubIndex::parse(with(from, to));
    ASSERT_FALSE(index) << from << " " << to;
    EXPECT_EQ(index.error().code(), ErrorCode::FormatInvalid);
    EXPECT_NE(index.error().message().find("services[0]"), std::string::npos) << index.error().message();
  }
}

TEST(HubIndex, ChoosesTheNewestForTheFirstPlatformThatHasOne) {
  const auto index =
      indexOf({variantOf("1.9.0", "linux-x64"), variantOf("1.10.0", "linux-x64"), variantOf("1.2.0", "linux-x64"),
               variantOf("3.0.0", "windows-x64"), variantOf("4.0.0-rc.1", "linux-x64")});
  EXPECT_EQ(chosen(index, "nmt-zh-en", {"linux-x64", "windows-x64"}), "1.10.0 linux-x64");
  EXPECT_EQ(chosen(index, "nmt-zh-en", {"linux-arm64", "windows-x64"}), "3.0.0 windows-x64");
  EXPECT_EQ(chosen(index, "nmt-zh-en@1.2.0", {"linux-x64"}), "1.2.0 linux-x64");
  EXPECT_EQ(chosen(index, "nmt-zh-en@4.0.0-rc.1", {"linux-x64"}), "4.0.0-rc.1 linux-x64");
  EXPECT_EQ(chosen(indexOf({variantOf("1.0.0-rc.1", "linux-x64")}), "nmt-zh-en", {"linux-x64"}), "1.0.0-rc.1 linux-x64");
  EXPECT_EQ(
      chosen(indexOf({variantOf("1.0.0+a", "linux-x64"), variantOf("1.0.0+b", "linux-x64")}), "nmt-zh-en", {"linux-x64"}),
      "1.0.0+b linux-x64");
}

TEST(HubIndex, Case51_SaysWhatThereIsWhereNothingFits) {
  const auto index = indexOf({variantOf("1.0.0", "windows-x64"), variantOf("2.0.0", "linux-arm64")});
  EXPECT_EQ(chosen(index, "asr-zh", {"linux-x64"}), "not-found: the hub has no service asr-zh | it has: nmt-zh-en");
  EXPECT_EQ(chosen(index, "nmt-zh-en@9.0.0", {"linux-x64"}),
            "not-found: the hub has no nmt-zh-en 9.0.0 | versions there: 1.0.0, 2.0.0");
  EXPECT_EQ(
      chosen(index, "nmt-zh-en", {"linux-x64"}),
      "platform-unsupported: nmt-zh-en is not made for this node (linux-x64) | it is made for windows-x64, linux-arm64");
  EXPECT_EQ(chosen(index, "nmt-zh-en@2.0.0", {"linux-x64"}),
            "platform-unsupported: nmt-zh-en 2.0.0 is not made for this node (linux-x64) | it is made for linux-arm64");
  EXPECT_EQ(chosen(indexOf({}), "nmt-zh-en", {"linux-x64"}),
            "not-found: the hub has no release of nmt-zh-en | versions there: none");
  EXPECT_EQ(chosen(HubIndex{}, "nmt-zh-en", {"linux-x64"}), "not-found: the hub has no service nmt-zh-en | ");
}

TEST(ArtifactSignature, SignsCompactJsonWithSortedKeys) {
  EXPECT_EQ(
      ArtifactSignature::payload(releaseOf("nmt-zh-en", "1.3.0+b", "linux-x64"), digestOf('c')),
      R"({"platform":"linux-x64","service_id":"nmt-zh-en","sha256":")" + std::string(64, 'c') + R"(","version":"1.3.0+b"})");
}

TEST(ArtifactSignature, ReadsBackWhatItWrote) {
  const ArtifactSignature signature{"key-1", "c2ln", releaseOf("a", "1.0.0", "linux-x64"), digestOf('d')};
  const auto read = ArtifactSignature::parse(Json::parse(signature.toJson().text()).value());
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->toJson().text(), signature.toJson().text());
}

}  // namespace
}  // namespace tenon::host
