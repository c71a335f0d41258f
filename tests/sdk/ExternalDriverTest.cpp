// Loads the sample driver that the test before this one built against an install tree of the SDK.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "host/driver/DriverCatalog.h"
#include "host/driver/PluginLoader.h"
#include "tests/support/FakeClock.h"
#include "tests/support/ReadOnlyFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

TEST(ExternalDriver, BuiltAgainstTheInstalledSdkPlansAService) {
  ReadOnlyFiles files;
  NullLog log;
  FakeClock clock;
  PluginLoader loader(files, log);
  TempFolder folder;
  folder.write("app/serve.sh", "exec busybox httpd -f -p \"$1\"\n");
  std::filesystem::permissions(folder.write("bin/sh", "").text(), std::filesystem::perms::owner_all);

  const auto plugins = loader.loadFolder(Path(TENON_EXTERNAL_PLUGINS), PluginLoader::Trust::Developer);
  ASSERT_TRUE(plugins) << plugins.error().message();
  ASSERT_EQ(plugins->size(), 1u);
  ASSERT_EQ(plugins->front().state, PluginState::Ready) << plugins->front().why;

  DriverCatalog catalog({"linux-x64"}, (folder / "bin").text(), clock);
  catalog.add(plugins->front());
  EXPECT_EQ(catalog.list().front().state, "ready");
  const Release release{ServiceId::parse("scripted").value(), SemVer::parse("1.0.0").value(),
                        PlatformId::parse("linux-x64").value()};
  const auto exec = Json::parse(R"({"type":"shell","entry":"app/serve.sh","args":["${SERVICE_PORT}"]})").value();
  const auto plan =
      catalog.plan("shell", "acme.shell@^0.1", {release, folder.path(), exec, "", std::nullopt, {"linux-x64"}});
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_EQ(plan->driver, "acme.shell");
  EXPECT_EQ(plan->program, (folder / "bin/sh").text());
  EXPECT_EQ(plan->args, (std::vector<std::string>{"-eu", "${SERVICE_HOME}/app/serve.sh", "${SERVICE_PORT}"}));
}

}  // namespace
}  // namespace tenon::host
