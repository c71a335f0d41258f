// What is asked of a process's isolation is given, or told, or refused: never left out in silence.
#include "tests/suites/PlatformAdapterSuite.h"

namespace tenon::host {

namespace {

// Another than that of a test that runs beside this one: who runs something else is refused.
std::uint32_t userFor(const TempFolder& folder) {
  return 78000 + static_cast<std::uint32_t>(std::hash<std::string>{}(folder.text()) % 2000);
}

}  // namespace

TEST_P(ProcessSuite, IsolationThatCannotBeHadIsTold) {
  const IsolationFacts& can = adapter_->facts().isolation;
  auto request = requestFor({"exit", "0"});
  request.isolation.user = userFor(folder_);
  request.isolation.files =
      FileAccess{.hidden = folder_ / "node", .read = {Path(TENON_TEST_CHILD).parent(), folder_.path()}};
  std::filesystem::create_directories((folder_ / "node").text());
  const auto spawned = spawn(request);
  EXPECT_EQ(waitForEnd(spawned.process).code, 0) << output();
  EXPECT_EQ(spawned.user.has_value(), can.user());
  EXPECT_EQ(spawned.filesKept, can.files());
  EXPECT_EQ(spawned.lacks.size(), (can.user() ? 0u : 1u) + (can.files() ? 0u : 1u)) << testing::PrintToString(spawned.lacks);
}

TEST_P(ProcessSuite, RequiredIsolationThatCannotBeHadIsRefused) {
  const IsolationFacts& can = adapter_->facts().isolation;
  if (can.user() && can.files()) GTEST_SKIP() << "this machine has all of it";
  auto request = requestFor({"print", "it ran"});
  request.isolation.required = true;
  if (!can.user()) request.isolation.user = userFor(folder_);
  if (!can.files()) request.isolation.files = FileAccess{};
  const auto spawned = processes().spawn(request);
  ASSERT_FALSE(spawned);
  EXPECT_EQ(spawned.error().code(), ErrorCode::ResourceMissing);
  const std::string& why = can.user() ? can.filesWhy : can.userWhy;
  EXPECT_NE(spawned.error().message().find(why), std::string::npos) << spawned.error().message();
  EXPECT_EQ(output(), "");
}

TEST_P(ProcessSuite, WhoAsksForNoIsolationIsToldOfNone) {
  const auto spawned = spawn({"exit", "0"});
  EXPECT_FALSE(spawned.user);
  EXPECT_FALSE(spawned.filesKept);
  EXPECT_TRUE(spawned.lacks.empty());
}

}  // namespace tenon::host
