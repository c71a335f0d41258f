#include "host/contract/Digest.h"

#include "tests/host/contract/Samples.h"

namespace tenon::host {
namespace {

TEST(Digest, ReadsBackWhatItWrote) {
  const std::string hex = "00017f80ff" + std::string(54, 'a');
  const auto digest = Digest::parse(hex);
  ASSERT_TRUE(digest);
  EXPECT_EQ(digest->bytes()[1], 0x01);
  EXPECT_EQ(digest->bytes()[3], 0x80);
  EXPECT_EQ(digest->hex(), hex);
}

TEST(Digest, RefusesWhatIsNot64LowerCaseDigits) {
  for (const std::string& bad : {std::string(), std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'A'),
                                 std::string(64, 'g'), std::string(63, 'a') + '\0', std::string(63, '0') + ' ',
                                 std::string(62, '0') + "\xc2\xb9", "0x" + std::string(62, '0')}) {
    expectRefused(Digest::parse(bad), ErrorCode::FormatInvalid, "64 lower-case hex digits");
  }
}

TEST(Digest, SeesABadDigitInEveryPlace) {
  for (std::size_t i = 0; i < 64; ++i) {
    std::string hex(64, '0');
    hex[i] = '/';
    EXPECT_FALSE(Digest::parse(hex)) << i;
  }
}

}  // namespace
}  // namespace tenon::host
