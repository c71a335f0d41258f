#include "host/contract/CurrentRelease.h"

#include "tests/host/contract/Samples.h"

namespace tenon::host {
namespace {

CurrentRelease sampleCurrent() {
  return {ServiceId::parse("nmt-zh-en").value(),
          12,
          installed("1.3.0", 'a'),
          CurrentRelease::State::Trial,
          installed("1.2.0", 'b'),
          2};
}

const ServiceId kService = ServiceId::parse("nmt-zh-en").value();

TEST(CurrentRelease, ReadsBackWhatItWrote) {
  const auto read = CurrentRelease::parse(sampleCurrent().text(checksum), kService, checksum);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->service, kService);
  EXPECT_EQ(read->generation, 12U);
  EXPECT_EQ(read->release, installed("1.3.0", 'a'));
  EXPECT_EQ(read->state, CurrentRelease::State::Trial);
  EXPECT_EQ(read->previous, installed("1.2.0", 'b'));
  EXPECT_EQ(read->attempts, 2);
}

TEST(CurrentRelease, NeedsNoPreviousRelease) {
  auto current = sampleCurrent();
  current.previous.reset();
  current.state = CurrentRelease::State::Good;
  const auto read = CurrentRelease::parse(current.text(checksum), kService, checksum);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_FALSE(read->previous);
  EXPECT_EQ(read->state, CurrentRelease::State::Good);
}

TEST(CurrentRelease, HashesTheCompactTextWithoutTheHash) {
  const auto hashed = [](std::string_view text) {
    EXPECT_EQ(text.find(' '), std::string_view::npos);
    EXPECT_EQ(text.find("sha256\":\"" + std::string(64, 'a')), text.find("manifest_sha256") + 9);
    EXPECT_EQ(text.rfind("\"sha256\""), std::string_view::npos);
    EXPECT_TRUE(text.starts_with("{\"service_id\":\"nmt-zh-en\",\"generation\":12,\"version\":\"1.3.0\""));
    return digestOf('f');
  };
  EXPECT_NE(sampleCurrent().text(hashed).find(std::string(64, 'f')), std::string::npos);
}

TEST(CurrentRelease, Case57_RefusesAFileThatIsEmptyOrTorn) {
  const std::string text = sampleCurrent().text(checksum);
  for (std::size_t length = 0; length + 1 < text.size(); ++length) {
    const auto read = CurrentRelease::parse(text.substr(0, length), kService, checksum);
    ASSERT_FALSE(read) << length;
    EXPECT_EQ(read.error().code(), ErrorCode::StateCorrupt);
  }
  expectRefused(CurrentRelease::parse(std::string(text.size(), '\0'), kService, checksum), ErrorCode::StateCorrupt,
                "current.json");
}

TEST(CurrentRelease, Case57_RefusesEveryChangedCharacterOfItsValues) {
  const std::string text = sampleCurrent().text(checksum);
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    const auto read = CurrentRelease::parse(changed, kService, checksum);
    // Between the values a changed blank may leave the same document.
    if (text[i] == ' ' || text[i] == '\n') continue;
    ASSERT_FALSE(read) << i << changed;
    EXPECT_EQ(read.error().code(), ErrorCode::StateCorrupt);
  }
}

TEST(CurrentRelease, Case57_RefusesTheFileOfAnotherService) {
  expectRefused(CurrentRelease::parse(sampleCurrent().text(checksum), ServiceId::parse("asr-zh").value(), checksum),
                ErrorCode::StateCorrupt, "of another service");
}

TEST(CurrentRelease, CoversMembersThatANewerVersionAdded) {
  const std::string body =
      R"({"service_id":"nmt-zh-en","generation":1,"version":"1.0.0","platform":"linux-x64","manifest_sha256":")" +
      std::string(64, 'c') + R"(","state":"good","previous":null,"attempts":0,"later":{"x":[1,"é"]}})";
  const std::string text = body.substr(0, body.size() - 1) + ",\"sha256\":\"" + checksum(body).hex() + "\"}";
  EXPECT_TRUE(CurrentRelease::parse(text, kService, checksum));
  auto changed = text;
  changed[changed.find("[1") + 1] = '2';
  expectRefused(CurrentRelease::parse(changed, kService, checksum), ErrorCode::StateCorrupt, "hash does not match");
}

}  // namespace
}  // namespace tenon::host
