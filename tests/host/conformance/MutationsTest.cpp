#include "host/conformance/requests/Mutations.h"

#include <gtest/gtest.h>

#include <set>

#include "host/conformance/requests/Requests.h"

namespace tenon::host {
namespace {

const std::vector<std::string> kBases = {
    R"({"schema":"tenon.plan-request/1","service_id":"s","exec":{"type":"a","args":["x","y"],"env":{"A":"b"}},"memory_mb":5})"};

TEST(Mutations, AreTheSameForTheSameSeed) {
  Mutations one(kBases, 7), same(kBases, 7), other(kBases, 8);
  bool differs = false;
  for (int i = 0; i < 1000; ++i) {
    const std::string text = one.next();
    EXPECT_EQ(text, same.next());
    differs = differs || text != other.next();
  }
  EXPECT_TRUE(differs);
}

// So that a seed in a report means the same documents elsewhere.
TEST(Mutations, AreTheSameOnEveryMachine) {
  Mutations mutations(kBases, 1);
  std::uint64_t hash = 14695981039346656037u;  // FNV-1a
  for (int i = 0; i < 200; ++i) {
    for (const char c : mutations.next()) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  }
  EXPECT_EQ(hash, 12669267508548575680u);
}

TEST(Mutations, AreOfManyKinds) {
  Mutations mutations(kBases, 1);
  std::set<std::string> seen;
  int readable = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string text = mutations.next();
    EXPECT_LE(text.size(), std::size_t{1} << 20);
    seen.insert(text);
    readable += json::parse(text) ? 1 : 0;
  }
  EXPECT_GT(seen.size(), 1000u);
  EXPECT_GT(readable, 1000);
  EXPECT_LT(readable, 2000);
}

TEST(Requests, AreChangedWhereTheyShouldBe) {
  EXPECT_EQ(execTypeOf(kBases[0]), "a");
  EXPECT_EQ(execTypeOf(withExecType(kBases[0], "b")), "b");
  EXPECT_EQ(execTypeOf("no JSON"), "");
  const auto insisting = json::parse(withUnknownMember(R"({"must_understand":["gpu"]})", true));
  ASSERT_TRUE(insisting);
  EXPECT_EQ(insisting->find("must_understand")->text(), R"(["gpu","x_conformance"])");
  EXPECT_EQ(json::parse(withUnknownMember("{}", false))->find("must_understand"), nullptr);
}

}  // namespace
}  // namespace tenon::host
