#include "host/hub/HubCatalog.h"

#include <gtest/gtest.h>

#include "tests/host/package/PackageMaker.h"

namespace tenon::host {
namespace {

HubRelease releaseOf(const std::string& service, const std::string& version, const std::string& name = "Name") {
  HubRelease release{.release = releaseNamed(service, version)};
  release.name = name;
  release.channel = kStableChannel;
  return release;
}

TEST(HubCatalog, KeepsAListUntilSomethingIsAdded) {
  HubCatalog catalog({releaseOf("a", "1.0.0")});
  const auto first = catalog.list({});
  EXPECT_EQ(catalog.list({}), first) << "the very same text";
  EXPECT_NE(catalog.list({.service = ServiceId::parse("a").value()}), first);
  EXPECT_TRUE(catalog.add(releaseOf("b", "1.0.0")));
  EXPECT_NE(catalog.list({})->etag, first->etag);
  EXPECT_FALSE(catalog.add(releaseOf("b", "1.0.0")));
  EXPECT_EQ(catalog.size(), 2U);
}

TEST(HubCatalog, NamesAServiceAsItsNewestReleaseDoes) {
  HubCatalog catalog(
      {releaseOf("a", "1.9.0", "old name"), releaseOf("a", "1.10.0", "new name"), releaseOf("a", "1.2.0", "older")});
  const auto index = HubIndex::parse(catalog.list({})->json);
  ASSERT_TRUE(index);
  EXPECT_EQ(index->services.at(0).name, "new name");
}

TEST(HubCatalog, FindsExactlyWhatIsNamed) {
  HubCatalog catalog({releaseOf("a", "1.0.0")});
  EXPECT_TRUE(catalog.find(releaseNamed("a", "1.0.0")));
  EXPECT_FALSE(catalog.find(releaseNamed("a", "1.0.0", "windows-x64")));
  EXPECT_FALSE(catalog.find(releaseNamed("a", "1.0.0+build")));
  EXPECT_FALSE(catalog.find(releaseNamed("b", "1.0.0")));
}

TEST(HubCatalog, SurvivesEndlesslyManyQuestions) {
  HubCatalog catalog({releaseOf("a", "1.0.0")});
  for (int i = 0; i < 3000; ++i) {
    EXPECT_EQ(catalog.list({.service = ServiceId::parse("x" + std::to_string(i)).value()})->json, R"({"services":[]})");
  }
  EXPECT_NE(catalog.list({})->json.find("\"a\""), std::string::npos);
}

}  // namespace
}  // namespace tenon::host
