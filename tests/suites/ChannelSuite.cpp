#include "tests/suites/ChannelSuite.h"

#include <gmock/gmock.h>

#include "host/adapter/AtomicFile.h"
#include "tenon/plugin.h"

namespace tenon::host {

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ChannelSuite);

using testing::HasSubstr;

TEST_P(ChannelSuite, MessagesGoThereAndBack) {
  open();
  for (const std::string& text : {std::string("a"), std::string(), std::string("\0\xFF", 2), std::string(300'000, 'x')}) {
    const auto answer = ask(text);
    ASSERT_TRUE(answer) << answer.error().message();
    EXPECT_EQ(*answer, text);
  }
}

TEST_P(ChannelSuite, AMessageMayBeAsLargeAsTheContractSaysAndNoLarger) {
  open();
  const std::string most(TENON_MESSAGE_MAX_BYTES, 'x');
  EXPECT_EQ(ask(most).value(), most);
  EXPECT_EQ(ask(most + "x").error().code(), ErrorCode::LimitExceeded);
  open();
  EXPECT_EQ(ask("boast").error().code(), ErrorCode::LimitExceeded);
}

TEST_P(ChannelSuite, OnePerHelperAndManyAtOnce) {
  open();
  const ChannelId first = channel_;
  open();
  EXPECT_NE(channel_, first);
  EXPECT_EQ(channels().exchange(first, "one", Millis(20'000)).value(), "one");
  EXPECT_EQ(ask("two").value(), "two");
  channels().close(first);
  EXPECT_EQ(ask("three").value(), "three");
  EXPECT_FALSE(channels().exchange(first, "four", Millis(20'000)));
}

TEST_P(ChannelSuite, AHelperThatDoesNotAnswerIsTold) {
  open();
  EXPECT_EQ(ask("sleep", Millis(50)).error().code(), ErrorCode::Timeout);
}

TEST_P(ChannelSuite, HowAHelperEndedIsTold) {
  open();
  const auto aborted = ask("abort");
  EXPECT_EQ(aborted.error().code(), ErrorCode::IoError);
  EXPECT_THAT(aborted.error().message(), HasSubstr(system().aborted));
  close();
  open();
  EXPECT_THAT(ask("exit").error().message(), HasSubstr("exit status 3"));
}

TEST_P(ChannelSuite, OneThatClosesItsChannelIsTold) {
  if (!system().endsOfPipesAreSeen) GTEST_SKIP() << "not on this system: another process holds them";
  open();
  EXPECT_THAT(ask("close").error().message(), HasSubstr("closed its channel"));
}

TEST_P(ChannelSuite, WaitTellsNothingOfAHelper) {
  open();
  EXPECT_EQ(ask("leave").value(), "leave");  // and ends, while nobody asks it anything
  const auto ends = processes().wait(Millis(300));
  ASSERT_TRUE(ends);
  EXPECT_TRUE(ends->empty());
}

TEST_P(ChannelSuite, AHelperEndsWithItsChannel) {
  open();
  EXPECT_FALSE(ask("sleep", Millis(1)));
  EXPECT_TRUE(runs());
  close();
  EXPECT_FALSE(runs());
}

TEST_P(ChannelSuite, AHelperMayBeShutOffTheNetwork) {
  if (!system().shutsNetwork) GTEST_SKIP() << "not on this system: shutting the network";
  open();
  EXPECT_EQ(ask("socket").value(), "it has one");
  close();
  SpawnRequest request = requestFor({"echo"});
  request.isolation.network = false;
  open(request);
  EXPECT_EQ(ask("socket").value(), "Permission denied");
  EXPECT_EQ(ask("datagrams").value(), "Permission denied") << "they could be sent elsewhere";
  EXPECT_EQ(ask("streams").value(), "it has them");
}

TEST_P(ChannelSuite, AHelperHasAContainmentOfItsOwn) {
  SpawnRequest request = requestFor({"echo"});
  request.into = spawn({"sleep"}).process;
  EXPECT_FALSE(channels().open(request, 0, spawned_));
}

TEST_P(ChannelSuite, AHelperNeedsNoOutput) {
  SpawnRequest request = requestFor({"echo"});
  request.output = Path();
  open(request);
  EXPECT_EQ(ask("a").value(), "a");
}

TEST_P(ChannelSuite, AHelperLoadsTheLibraryThatWasLookedAt) {
  Files& files = adapter_->files();
  const Path library = folder_ / "library";
  ASSERT_TRUE(writeAtomically(files, library, "looked at"));
  const auto sealed = files.seal(library);
  ASSERT_TRUE(sealed) << sealed.error().message();
  (void)writeAtomically(files, library, "another");  // where the system lets that happen at all
  open(requestFor({"echo"}), sealed->handle);
  files.closeFile(sealed->handle);
  EXPECT_EQ(ask("read " + sealed->loadedBy).value(), "looked at");
}

TEST_P(ChannelSuite, OnlyWhatIsSealedIsGiven) {
  std::uint64_t size = 0;
  const auto plain = adapter_->files().open(adapter_->facts().executable, size);
  ASSERT_TRUE(plain);
  EXPECT_FALSE(channels().open(requestFor({"echo"}), *plain, spawned_));
  adapter_->files().closeFile(*plain);
  EXPECT_FALSE(channels().open(requestFor({"echo"}), *plain, spawned_));
}

TEST_P(ChannelSuite, AProgramThatIsNotThereIsRefused) {
  SpawnRequest request = requestFor({"echo"});
  request.argv[0] = (folder_ / "nothing").text();
  const auto opened = channels().open(request, 0, spawned_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), ErrorCode::SpawnFailed);
}

}  // namespace tenon::host
