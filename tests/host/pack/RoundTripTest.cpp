// What is packed here is what the node's side accepts: the strict reader, the verifier and the unpacker are held against it.
#include <gtest/gtest.h>

#include <map>

#include "host/base/Limits.h"
#include "host/package/PackageReader.h"
#include "host/package/Unpacker.h"
#include "tests/host/pack/ServiceFolder.h"
#include "tests/support/DiskOffers.h"

namespace tenon::host {
namespace {

class RoundTrip : public ServiceFolder {
 protected:
  Result<UnpackedPackage> unpack(const PackedPackage& packed) {
    KeyRing keys;
    TENON_CHECK(keys.add(publicKeyOf(signedRequest().keys.front()), "", "a test"));
    TENON_TRY(DownloadedPackage package, hashPackage(*files_, packed.file));
    TENON_TRY(const auto content, LocalPackage::open(*files_, packed.file));
    TENON_TRY(const PackageClaims claims, readClaims(*content));
    TENON_TRY(const VerifiedPackage verified,
              SignatureVerifier(keys).verify(std::move(package), claims, packed.manifest.release));
    WorkerPool pool(2);
    return Unpacker(*files_, pool, nullptr).unpack(verified, *content, out_ / "tree");
  }

  // What each file below holds, and where each link points.
  std::map<std::string, std::string> contentOf(const Path& folder, const std::string& under = "") {
    std::map<std::string, std::string> all;
    const auto entries = files_->list(folder).value();
    for (const auto& entry : entries) {
      if (entry.kind == FileKind::Folder) {
        all.merge(contentOf(folder / entry.name, under + entry.name + "/"));
      } else {
        all[under + entry.name] = (entry.kind == FileKind::File ? files_->readAll(folder / entry.name, 64 * limits::MiB)
                                                                : files_->readSymlink(folder / entry.name))
                                      .value();
      }
    }
    return all;
  }
};

TEST_F(RoundTrip, UnpacksToTheTreeThatWasPacked) {
  folder_.write("app/run.sh", "#!/bin/sh\n");
  folder_.write("app/\u4e2d\u6587 name.txt", words(3000));
  folder_.write("app/empty", "");
  folder_.write("models/large.txt", words(9'000'000));
  folder_.write("models/large.bin", noise(9'000'000));
  for (int i = 0; i < 200; ++i) folder_.write("app/many/" + std::to_string(i), words(static_cast<std::size_t>(i) * 11));
  if (diskHasSymlinks()) {
    link("app/latest", "run.sh");
    link("models/current", "large.bin");
  }
  const auto packed = pack(signedRequest());
  ASSERT_TRUE(packed) << packed.error().message();
  const auto unpacked = unpack(*packed);
  ASSERT_TRUE(unpacked) << unpacked.error().message();
  auto tree = contentOf(unpacked->tree);
  EXPECT_EQ(tree.erase("MANIFEST") + tree.erase("MANIFEST.sig"), 2U);
  EXPECT_TRUE(tree == contentOf(folder_.path()));
}

TEST_F(RoundTrip, UnpacksAFolderOfManyFiles) {
  for (int i = 0; i < 40; ++i) {
    for (int k = 0; k < 10; ++k) folder_.write("app/" + std::to_string(i) + "/" + std::to_string(k), std::to_string(i * k));
  }
  const auto packed = pack(signedRequest());
  ASSERT_TRUE(packed) << packed.error().message();
  const auto unpacked = unpack(*packed);
  EXPECT_TRUE(unpacked) << unpacked.error().message();
}

}  // namespace
}  // namespace tenon::host
