#include "host/pack/FolderScan.h"

#include <gtest/gtest.h>

#include "tests/host/pack/ServiceFolder.h"
#include "tests/support/DiskOffers.h"

namespace tenon::host {
namespace {

class FolderScan : public ServiceFolder {
 protected:
  Result<std::vector<SourceFile>> scan(const std::string& files) {
    const auto manifest = ServiceManifest::parse(serviceJson(files));
    if (!manifest) return Error(manifest.error());
    return scanFolder(*files_, folder_.path(), manifest->platforms.begin()->second, manifest->models,
                      [](std::string_view) { return false; });
  }
  std::vector<std::string> paths(const std::string& files) {
    const auto sources = scan(files);
    EXPECT_TRUE(sources) << sources.error().message();
    std::vector<std::string> paths;
    if (!sources) return paths;
    for (const SourceFile& source : *sources) paths.push_back(source.path);
    return paths;
  }
};

using Paths = std::vector<std::string>;

TEST_F(FolderScan, TakesWhatIsNamedAndNothingElse) {
  folder_.write("app/sub/a.py", "");
  folder_.write("notes.txt", "mine");
  folder_.write("models/other.bin", "");
  EXPECT_EQ(paths(R"("files": {"requires": ["app/", "models/weights.bin"]})"),
            (Paths{"app/main.py", "app/sub/a.py", "models/weights.bin", "service.json"}));
}

TEST_F(FolderScan, TakesEverythingWhereNothingIsNamed) {
  folder_.write("notes.txt", "");
  folder_.write("deep/er/file", "");
  EXPECT_EQ(paths(""), (Paths{"app/main.py", "deep/er/file", "models/weights.bin", "notes.txt", "service.json"}));
}

TEST_F(FolderScan, TakesReadmeAndOptionalFilesWhereTheyAreThere) {
  const std::string files = R"("files": {"requires": ["app/"], "optional": ["runtime/", "extra.txt"]})";
  EXPECT_EQ(paths(files), (Paths{"app/main.py", "service.json"}));
  folder_.write("README.md", "# read me");
  folder_.write("runtime/python/bin/python3",
                "\x7f"
                "ELF");
  folder_.write("extra.txt", "");
  EXPECT_EQ(paths(files), (Paths{"README.md", "app/main.py", "extra.txt", "runtime/python/bin/python3", "service.json"}));
}

TEST_F(FolderScan, TakesAFileOnceThatIsNamedTwice) {
  EXPECT_EQ(paths(R"("files": {"requires": ["app/", "app/main.py"], "optional": ["app/"]})"),
            (Paths{"app/main.py", "service.json"}));
}

TEST_F(FolderScan, SortsByTheBytesOfThePaths) {
  folder_.write("app/main.py.txt", "");
  folder_.write("app/main/x", "");
  folder_.write("app/\u00e9", "");
  EXPECT_EQ(paths(R"("files": {"requires": ["app/"]})"),
            (Paths{"app/main.py", "app/main.py.txt", "app/main/x", "app/\u00e9", "service.json"}));
}

TEST_F(FolderScan, LeavesOutWhatNoPackageNeeds) {
  for (const std::string name : {".git/config", "app/.git/HEAD", "app/__pycache__/main.pyc", "app/old.pyc", "app/.DS_Store",
                                 "MANIFEST", "MANIFEST.sig"}) {
    folder_.write(name, "x");
  }
  folder_.write("app/MANIFEST", "a file of the service's own");
  EXPECT_EQ(paths(""), (Paths{"app/MANIFEST", "app/main.py", "models/weights.bin", "service.json"}));
}

TEST_F(FolderScan, NamesARequiredFileThatIsMissing) {
  expectError(scan(R"("files": {"requires": ["app/", "models/big.bin"]})"), ErrorCode::ContentMissing,
              "files.requires: models/big.bin is not there");
  expectError(scan(R"("files": {"requires": ["runtime/"]})"), ErrorCode::ContentMissing,
              "files.requires: runtime/ is not there");
}

TEST_F(FolderScan, RefusesAnEmptyRequiredFolder) {
  std::filesystem::create_directories((folder_ / "data/inner").text());
  folder_.write("data/__pycache__/x.pyc", "");
  expectError(scan(R"("files": {"requires": ["data/"]})"), ErrorCode::ContentMissing,
              "files.requires: data/ is an empty folder");
  EXPECT_EQ(paths(R"("files": {"requires": ["app/"], "optional": ["data/"]})"), (Paths{"app/main.py", "service.json"}));
}

TEST_F(FolderScan, TellsFilesFromFoldersByTheSlash) {
  expectError(scan(R"("files": {"requires": ["app"]})"), ErrorCode::ContentMissing, "app is a folder", "app/");
  expectError(scan(R"("files": {"requires": ["app/main.py/"]})"), ErrorCode::ContentMissing, "app/main.py/ is a file",
              "app/main.py");
}

TEST_F(FolderScan, KeepsLinksThatStayInside) {
  TENON_NEEDS_SYMLINKS();
  link("app/latest", "main.py");
  link("app/sub/up", "../main.py");
  link("app/folder", "../models");
  const auto sources = scan(R"("files": {"requires": ["app/"]})");
  ASSERT_TRUE(sources) << sources.error().message();
  ASSERT_EQ(sources->size(), 5u);
  const SourceFile& first = sources->at(0);
  EXPECT_EQ(first.path, "app/folder");
  EXPECT_TRUE(first.isSymlink);
  EXPECT_EQ(first.target, "../models");
  EXPECT_EQ(first.size, 9u);
}

TEST_F(FolderScan, RefusesLinksThatLeaveThePackage) {
  TENON_NEEDS_SYMLINKS();
  for (const std::string target : {"/etc/passwd", "../../secret", "x/../../../y"}) {
    link("app/link", target);
    expectError(scan(R"("files": {"requires": ["app/"]})"), ErrorCode::PathUnsafe, "app/link", "inside the package");
    std::filesystem::remove((folder_ / "app/link").text());
  }
}

TEST_F(FolderScan, RefusesToPackThroughALink) {
  TENON_NEEDS_SYMLINKS();
  const TempFolder elsewhere;
  elsewhere.write("secret", "x");
  link("data", elsewhere.text());
  expectError(scan(R"("files": {"requires": ["data/secret"]})"), ErrorCode::PathUnsafe, "data is a link");
}

}  // namespace
}  // namespace tenon::host
