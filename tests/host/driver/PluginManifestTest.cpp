#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "host/driver/Driver.h"

namespace tenon::host {
namespace {

std::string with(const std::string& member, const std::string& value) {
  std::string text =
      R"({"schema":"tenon.plugin/1","name":"acme.python","version":"2.1.0","family":"runtime-driver","provides":["python"],)"
      R"("abi":{"major":1,"minor_min":3},"colour":"red"})";
  const auto at = text.find("\"" + member + "\":");
  const auto from = at + member.size() + 3;
  const auto end = member == "provides" ? text.find(']', from) + 1
                   : member == "abi"    ? text.find('}', from) + 1
                                        : text.find(',', from);
  return text.replace(from, end - from, value);
}

TEST(PluginManifest, IsRead) {
  const auto manifest = PluginManifest::parse(with("version", "\"2.1.0\""));
  ASSERT_TRUE(manifest) << manifest.error().message();
  EXPECT_EQ(manifest->name, "acme.python");
  EXPECT_EQ(manifest->version, "2.1.0");
  EXPECT_EQ(manifest->family, "runtime-driver");
  EXPECT_EQ(manifest->provides, std::vector<std::string>{"python"});
  EXPECT_EQ(manifest->abiMajor, 1);
  EXPECT_EQ(manifest->abiMinorMin, 3);
}

TEST(PluginManifest, NamesTheMemberThatIsWrong) {
  for (const auto& [member, value] :
       std::vector<std::pair<std::string, std::string>>{{"schema", "\"tenon.plugin/2\""},
                                                        {"name", "\"Acme\""},
                                                        {"name", "\"\""},
                                                        {"name", "\"../x\""},
                                                        {"name", "\"con\""},
                                                        {"name", "\"acme.\""},
                                                        {"version", "\"1.0\""},
                                                        {"version", "1"},
                                                        {"family", "\"driver\""},
                                                        {"provides", "[]"},
                                                        {"provides", "\"python\""},
                                                        {"provides", "[\"a\",\"a\"]"},
                                                        {"abi", "{}"},
                                                        {"abi", "{\"major\":0}"},
                                                        {"abi", "{\"major\":\"1\"}"},
                                                        {"abi", "{\"major\":1,\"minor_min\":-1}"}}) {
    const auto manifest = PluginManifest::parse(with(member, value));
    ASSERT_FALSE(manifest) << member << " " << value;
    EXPECT_EQ(manifest.error().code(), ErrorCode::FormatInvalid) << member;
    EXPECT_NE(manifest.error().message().find(member), std::string::npos) << manifest.error().message();
  }
}

TEST(PluginManifest, ThatInsistsOnTheUnknownNeedsANewerHost) {
  const auto manifest =
      PluginManifest::parse(with("version", "\"1.0.0\"").replace(0, 1, R"({"must_understand":["colour"],)"));
  ASSERT_FALSE(manifest);
  EXPECT_EQ(manifest.error().code(), ErrorCode::DriverIncompatible);
}

}  // namespace
}  // namespace tenon::host
