#include "host/hub/HubToken.h"

#include <gtest/gtest.h>

#include "tests/support/DiskOffers.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

TEST(HubToken, IsMadeOnceForTheOwnerAlone) {
  MachineFiles files;
  const TempFolder folder;
  const Path file = folder / "secret/token";
  const auto made = HubToken::open(*files, file);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_TRUE(made->wasMade());
  const std::string text = folder.read("secret/token");
  EXPECT_EQ(text.size(), 65U);
  if (diskHasModes()) {
    EXPECT_EQ(std::filesystem::status(file.text()).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  EXPECT_TRUE(made->allows("Bearer " + text.substr(0, 64)));

  const auto again = HubToken::open(*files, file);
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->wasMade());
  EXPECT_TRUE(again->allows("Bearer " + text.substr(0, 64)));
  EXPECT_EQ(folder.read("secret/token"), text);
}

TEST(HubToken, AllowsNothingElse) {
  MachineFiles files;
  const TempFolder folder;
  const auto token = HubToken::open(*files, folder.write("token", "  0123456789abcdef\n"));
  ASSERT_TRUE(token);
  EXPECT_TRUE(token->allows("Bearer 0123456789abcdef"));
  for (const char* const header : {"", "Bearer", "Bearer ", "0123456789abcdef", "Bearer 0123456789abcde",
                                   "Bearer 0123456789abcdef0", "Bearer  0123456789abcdef"}) {
    EXPECT_FALSE(token->allows(header)) << header;
  }
}

TEST(HubToken, RefusesAFileThatHoldsNone) {
  MachineFiles files;
  const TempFolder folder;
  for (const char* const text : {"", "\n", "short", "two words of some length"}) {
    const auto token = HubToken::open(*files, folder.write("token", text));
    ASSERT_FALSE(token) << text;
    EXPECT_EQ(token.error().code(), ErrorCode::FormatInvalid);
    EXPECT_EQ(folder.read("token"), text) << "never overwritten";
  }
}

}  // namespace
}  // namespace tenon::host
