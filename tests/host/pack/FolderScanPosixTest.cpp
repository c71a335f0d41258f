// Folders that only some systems can hold: names that others forbid, and entries that others do not have.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "host/pack/FolderScan.h"
#include "tests/host/pack/ServiceFolder.h"

namespace tenon::host {
namespace {

class FolderScanPosix : public ServiceFolder {
 protected:
  Result<std::vector<SourceFile>> scan() {
    TENON_TRY(const auto manifest, ServiceManifest::parse(serviceJson(R"("files": {"requires": ["app/"]})")));
    return scanFolder(*files_, folder_.path(), manifest.platforms.begin()->second, manifest.models,
                      [](std::string_view) { return false; });
  }
};

TEST_F(FolderScanPosix, RefusesNamesThatNoPackageMayHave) {
  for (const std::string name :
       {"app/a:b", "app/con", "app/nul.txt", "app/dot.", "app/back\\slash", "app/e\u0301", "app/\xff"}) {
    const Path file = folder_.write(name, "x");
    expectError(scan(), ErrorCode::PathUnsafe, "app/");
    std::filesystem::remove(file.text());
  }
}

TEST_F(FolderScanPosix, RefusesNamesThatDifferOnlyInCase) {
  folder_.write("app/Main.py", "");
  expectError(scan(), ErrorCode::PathUnsafe, "only in case");
}

TEST_F(FolderScanPosix, RefusesWhatIsNeitherFileNorFolderNorLink) {
  ASSERT_EQ(mkfifo((folder_ / "app/pipe").text().c_str(), 0600), 0);
  expectError(scan(), ErrorCode::PathUnsafe, "app/pipe is no file, folder or link");
}

}  // namespace
}  // namespace tenon::host
