#include "host/base/Result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace tenon::host {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return Error(ErrorCode::Usage, std::to_string(number) + " is odd");
  return number / 2;
}

Result<void> mustBeEven(int number) {
  TENON_CHECK(half(number));
  return {};
}

Result<int> quarter(int number) {
  TENON_TRY(const int halved, half(number));
  TENON_TRY(const int quartered, half(halved));
  return quartered;
}

Result<std::unique_ptr<int>> boxed(int number) {
  TENON_TRY(auto value, half(number));
  return std::make_unique<int>(value);
}

TEST(Result, TryGivesTheValueOrReturnsTheError) {
  EXPECT_EQ(quarter(12).value(), 3);
  const auto failed = quarter(6);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message(), "3 is odd");
  EXPECT_EQ(failed.error().code(), ErrorCode::Usage);
}

TEST(Result, CheckGoesOnOrReturnsTheError) {
  EXPECT_TRUE(mustBeEven(2));
  EXPECT_EQ(mustBeEven(1).error().message(), "1 is odd");
}

TEST(Result, TryMovesWhatCannotBeCopied) {
  const auto outer = []() -> Result<int> {
    TENON_TRY(const std::unique_ptr<int> box, boxed(8));
    return *box;
  };
  EXPECT_EQ(outer().value(), 4);
}

TEST(Result, ContextIsAddedToAnErrorAndLeavesAValueAlone) {
  EXPECT_EQ(withContext("halve", half(4)).value(), 2);
  EXPECT_EQ(withContext("halve", half(5)).error().message(), "halve: 5 is odd");
  EXPECT_EQ(withContext("check", mustBeEven(7)).error().message(), "check: 7 is odd");
}

}  // namespace
}  // namespace tenon::host
