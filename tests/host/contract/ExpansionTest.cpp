#include "host/contract/service/Expansion.h"

#include "tests/host/contract/Samples.h"

namespace tenon::host {
namespace {

const Names kNames{{"SERVICE_PORT", "5101"}, {"DATA_DIR", "/data/${SERVICE_PORT}"}, {"EMPTY", ""}};

TEST(Expansion, ReplacesTheNamesAnywhereInTheText) {
  EXPECT_EQ(expand("--listen=127.0.0.1:${SERVICE_PORT}", kNames).value(), "--listen=127.0.0.1:5101");
  EXPECT_EQ(expand("${SERVICE_PORT}${SERVICE_PORT}", kNames).value(), "51015101");
  EXPECT_EQ(expand("[${EMPTY}]", kNames).value(), "[]");
  EXPECT_EQ(expand("", kNames).value(), "");
}

TEST(Expansion, DoesNotExpandWhatAValueHolds) { EXPECT_EQ(expand("${DATA_DIR}", kNames).value(), "/data/${SERVICE_PORT}"); }

TEST(Expansion, LeavesOtherDollarsAlone) {
  for (const char* text : {"$", "$$", "a$b", "$HOME", "$(x)", "cost: 5$", "$ {X}", "}"})
    EXPECT_EQ(expand(text, kNames).value(), text);
}

TEST(Expansion, WritesALiteralForADoubledDollar) {
  EXPECT_EQ(expand("$${SERVICE_PORT}", kNames).value(), "${SERVICE_PORT}");
  EXPECT_EQ(expand("$$${SERVICE_PORT}", kNames).value(), "$${SERVICE_PORT}");
  EXPECT_EQ(expand("$${", kNames).value(), "${");
}

TEST(Expansion, RefusesAnUnknownNameAndTellsTheKnownOnes) {
  const auto result = expand("a ${SERVICE_PROT} b", kNames);
  expectRefused(result, ErrorCode::PlanInvalid, "${SERVICE_PROT}");
  EXPECT_NE(result.error().hint().find("DATA_DIR, EMPTY, SERVICE_PORT"), std::string::npos);
  expectRefused(expand("${}", kNames), ErrorCode::PlanInvalid, "${}");
  expectRefused(expand("${ SERVICE_PORT }", kNames), ErrorCode::PlanInvalid, "is not a name");
}

TEST(Expansion, RefusesABraceThatIsNeverClosed) {
  expectRefused(expand("x${SERVICE_PORT", kNames), ErrorCode::PlanInvalid, "closing brace");
}

}  // namespace
}  // namespace tenon::host
