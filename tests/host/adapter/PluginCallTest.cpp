#include "host/adapter/PluginCall.h"

#include <gtest/gtest.h>

#include "host/base/Limits.h"

namespace tenon::host {

namespace {

void tell(const PluginCall& call, std::int32_t code, std::string_view problem) {
  call.sink()->problem(call.sink()->ctx, code, toPlugin(problem));
}

std::int32_t answer(const PluginCall& call, std::string_view document) {
  return call.sink()->document(call.sink()->ctx, toPlugin(document));
}

}  // namespace

TEST(PluginCall, HandsOutTheDocument) {
  PluginCall call("plugin x");
  EXPECT_EQ(answer(call, R"({"a":1})"), 0);
  EXPECT_EQ(call.document(TENON_OK).value_or(""), R"({"a":1})");
}

TEST(PluginCall, AProblemBecomesAnErrorWithAllThatItSays) {
  PluginCall call("plugin x");
  tell(call, TENON_UNAVAILABLE,
       R"({"message":"create /a: No space left on device","code":"disk-full","hint":"free space","field":"path"})");
  const auto result = call.done(TENON_UNAVAILABLE);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::DiskFull);
  EXPECT_EQ(result.error().message(), "create /a: No space left on device");
  EXPECT_EQ(result.error().hint(), "free space");
  EXPECT_EQ(result.error().field(), "path");
}

TEST(PluginCall, WithoutACodeOfOursTheAbisCodeDecides) {
  const std::pair<std::int32_t, ErrorCode> rows[] = {{TENON_INVALID, ErrorCode::Usage},
                                                     {TENON_UNSUPPORTED, ErrorCode::PlatformUnsupported},
                                                     {TENON_UNAVAILABLE, ErrorCode::ResourceMissing},
                                                     {TENON_CANCELLED, ErrorCode::Cancelled},
                                                     {TENON_DENIED, ErrorCode::Denied},
                                                     {TENON_INTERNAL, ErrorCode::Internal}};
  for (const auto& [code, expected] : rows) {
    PluginCall call("plugin x");
    tell(call, code, R"({"message":"m","code":"no-such-code"})");
    EXPECT_EQ(call.done(code).error().code(), expected) << code;
  }
}

TEST(PluginCall, APluginThatBreaksTheRulesIsNamed) {
  const auto messageOf = [](std::int32_t code, std::string_view problem) {
    PluginCall call("plugin x");
    if (!problem.empty()) tell(call, code, problem);
    const auto result = call.done(code);
    EXPECT_EQ(result.error().code(), ErrorCode::Internal);
    return result.error().message();
  };
  EXPECT_NE(messageOf(TENON_INVALID, "").find("plugin x broke the plugin contract"), std::string::npos);
  EXPECT_NE(messageOf(TENON_INVALID, "{").find("cannot be read"), std::string::npos);
  EXPECT_NE(messageOf(TENON_INVALID, R"({"hint":"h"})").find("no message"), std::string::npos);
  EXPECT_NE(messageOf(99, R"({"message":"m"})").find("99"), std::string::npos);
  EXPECT_NE(messageOf(-1, R"({"message":"m"})").find("-1"), std::string::npos);
}

TEST(PluginCall, SuccessWithoutAnAnswerIsNoSuccess) {
  PluginCall call("plugin x");
  EXPECT_TRUE(call.done(TENON_OK));
  EXPECT_EQ(call.document(TENON_OK).error().code(), ErrorCode::Internal);
}

TEST(PluginCall, StopsAnAnswerThatIsTooLarge) {
  PluginCall call("plugin x");
  EXPECT_NE(answer(call, std::string(limits::kPluginDocumentBytes + 1, ' ')), 0);
  EXPECT_EQ(call.document(TENON_CANCELLED).error().code(), ErrorCode::LimitExceeded);
  PluginCall exact("plugin x");
  EXPECT_EQ(answer(exact, std::string(limits::kPluginDocumentBytes, ' ')), 0);
}

TEST(PluginCall, TakesOneAnswerAndTheFirstProblem) {
  PluginCall call("plugin x");
  EXPECT_EQ(answer(call, "1"), 0);
  EXPECT_NE(answer(call, "2"), 0);
  EXPECT_EQ(call.document(TENON_OK).value_or(""), "1");
  PluginCall failed("plugin x");
  tell(failed, TENON_INVALID, R"({"message":"first"})");
  tell(failed, TENON_INVALID, R"({"message":"second"})");
  EXPECT_EQ(failed.done(TENON_INVALID).error().message(), "first");
}

TEST(PluginCall, EmptyTextMayHaveNoPointer) { EXPECT_EQ(fromPlugin({nullptr, 0}), ""); }

}  // namespace tenon::host
