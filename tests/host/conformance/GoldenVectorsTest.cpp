#include "host/conformance/requests/GoldenVectors.h"

#include <gtest/gtest.h>

#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

class GoldenVectors : public testing::Test {
 protected:
  ErrorCode refusal() {
    const TempFolder packages;
    const auto read = readGoldenVectors(*machine_, folder_.path(), packages.path());
    EXPECT_FALSE(read);
    return read ? ErrorCode::Internal : read.error().code();
  }
  static Answer refused(const std::string& problem) {
    Answer answer;
    answer.code = TENON_INVALID;
    answer.problems = 1;
    answer.problem = problem;
    return answer;
  }
  MachineFiles machine_;
  TempFolder folder_;
};

TEST_F(GoldenVectors, BringTheirPackage) {
  folder_.write("a/request.json", R"({"package_dir":"@PACKAGE@"})");
  folder_.write("a/plan.json", "{}");
  folder_.write("a/mine.json", "[]");
  folder_.write("a/package.txt", "text app/main.py\nelf-x64 bin/x\n@mine.json package.json\n");
  const TempFolder packages;
  const auto vectors = readGoldenVectors(*machine_, folder_.path(), packages.path()).value();
  ASSERT_EQ(vectors.size(), 1u);
  EXPECT_EQ(vectors[0].name, "a");
  EXPECT_EQ(vectors[0].request, "{\"package_dir\":\"" + packages.text() + "/a\"}");
  EXPECT_EQ(packages.read("a/app/main.py"), "text\n");
  EXPECT_EQ(packages.read("a/bin/x").substr(1, 3), "ELF");
  EXPECT_EQ(packages.read("a/package.json"), "[]");
}

TEST_F(GoldenVectors, AreRefusedWhereTheySayNothingOrTooMuch) {
  EXPECT_EQ(refusal(), ErrorCode::NotFound) << "no folder";
  folder_.write("a/request.json", "{}");
  EXPECT_EQ(refusal(), ErrorCode::FormatInvalid) << "no answer";
  folder_.write("a/plan.json", "{");
  EXPECT_EQ(refusal(), ErrorCode::FormatInvalid) << "no JSON";
  folder_.write("a/plan.json", "{}");
  folder_.write("a/problem.json", "{}");
  EXPECT_EQ(refusal(), ErrorCode::FormatInvalid) << "both";
}

TEST_F(GoldenVectors, StayInTheirPackage) {
  folder_.write("a/request.json", "{}");
  folder_.write("a/plan.json", "{}");
  folder_.write("a/package.txt", "text ../out\n");
  EXPECT_EQ(refusal(), ErrorCode::PathUnsafe);
  folder_.write("a/package.txt", "@../../secret in\n");
  EXPECT_EQ(refusal(), ErrorCode::PathUnsafe);
  folder_.write("a/package.txt", "video in\n");
  EXPECT_EQ(refusal(), ErrorCode::FormatInvalid);
}

TEST_F(GoldenVectors, TellTheFirstDifference) {
  const GoldenVector planned{"a", "", R"({"program":"x","args":["1"]})", std::nullopt};
  Answer answer;
  answer.documents = 1;
  answer.document = R"({"args":["1"],"program":"x"})";
  EXPECT_EQ(difference(planned, answer), std::nullopt) << "the order of members says nothing";
  answer.document = R"({"program":"x","args":["2"]})";
  EXPECT_EQ(difference(planned, answer), "its args is [\"2\"], recorded is [\"1\"]");
  answer.document = R"({"program":"x"})";
  EXPECT_EQ(difference(planned, answer), "its args is missing, recorded is [\"1\"]");
  answer.document = R"({"program":"x","args":["1"],"cwd":"."})";
  EXPECT_EQ(difference(planned, answer), "it has a member cwd that is not recorded");
  answer.document = *planned.plan;
  EXPECT_EQ(difference(planned, answer), std::nullopt);
  EXPECT_NE(difference(planned, refused(R"({"message":"no"})")), std::nullopt);
}

TEST_F(GoldenVectors, CompareWhatARefusalSays) {
  const GoldenVector vector{"a", "", std::nullopt,
                            R"({"code":1,"message":"no","field":"exec.entry","error_code":"not-found"})"};
  EXPECT_EQ(difference(vector, refused(R"({"message":"no","field":"exec.entry","code":"not-found"})")), std::nullopt);
  EXPECT_EQ(difference(vector, refused(R"({"message":"no","field":"exec.entry"})")),
            "its error_code is \"\", recorded is \"not-found\"");
  EXPECT_EQ(difference(vector, refused(R"({"message":"No","field":"exec.entry","code":"not-found"})")),
            "its message is \"No\", recorded is \"no\"");
  Answer other = refused(R"({"message":"no","field":"exec.entry","code":"not-found"})");
  other.code = TENON_UNAVAILABLE;
  EXPECT_EQ(difference(vector, other), "it returned code 3, recorded is 1");
  other.code = TENON_OK;
  EXPECT_EQ(difference(vector, other), "it planned what is recorded as refused");
}

}  // namespace
}  // namespace tenon::host
