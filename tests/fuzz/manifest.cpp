// MANIFEST: one text for one content, every path safe and none twice.
#include "host/contract/release/PackageManifest.h"

#include "host/contract/release/PackagePath.h"
#include "tests/fuzz/Fuzz.h"

using namespace tenon::host;

TENON_FUZZ(text) {
  const auto manifest = PackageManifest::parse(text);
  if (!manifest) return mustBeOneLine(manifest.error());
  must(manifest->text() == text, "what is accepted is written as it was read");
  std::uint64_t total = 0;
  PackagePathSet paths;
  for (const auto& file : manifest->files) {
    must(checkPackagePath(file.path).has_value(), "every path is safe");
    must(paths.add(file.path, PackagePathSet::Kind::File).has_value(), "no two paths are the same anywhere");
    const auto* found = manifest->find(file.path);
    must(found == &file, "every file is found by its path");
    must(file.path != kManifestName, "MANIFEST does not list itself");
    total += file.size;
  }
  must(total == manifest->totalBytes(), "the sizes add up");
}
