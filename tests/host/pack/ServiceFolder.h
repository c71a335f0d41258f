// A folder with a small service in it, to be packed.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "host/pack/Packer.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {

constexpr const char* kFile = "nmt-zh-en-1.3.0-linux-x64.zip";  // what packing it makes

inline std::string serviceJson(const std::string& files = R"("files": {"requires": ["service.json", "app/", "models/"]})",
                               const std::string& platform = "linux-x64", const std::string& others = "") {
  return R"({"service_id": "nmt-zh-en", "version": "1.3.0", "name": "NMT", "platforms": {")" + platform +
         R"(": {"entrypoint": "app/main.py", "exec": {"type": "python", "entry": "app/main.py"})" +
         (files.empty() ? "" : ", ") + files + "}" + others +
         R"(}, "health_check": {"type": "http", "endpoint": "/health"}, "env_schema": {}})";
}

// Bytes that no packer makes smaller; the same for the same seed.
inline std::string noise(std::size_t bytes, std::uint64_t seed = 1) {
  std::mt19937_64 random(seed);
  std::string text;
  text.reserve(bytes + 8);
  while (text.size() < bytes) {
    for (auto left = random(), i = std::uint64_t{0}; i < 8; ++i, left >>= 8) text += static_cast<char>(left & 0xff);
  }
  text.resize(bytes);
  return text;
}

inline std::string words(std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; text.size() < bytes; ++i)
    text += "line " + std::to_string(i * 7919) + " of a text that packs well\n";
  text.resize(bytes);
  return text;
}

class ServiceFolder : public testing::Test {
 protected:
  ServiceFolder() {
    folder_.write("service.json", serviceJson());
    folder_.write("app/main.py", "print('hello')\n");
    folder_.write("models/weights.bin", noise(5000));
  }

  PackRequest request() const {
    PackRequest request;
    request.folder = folder_.path();
    request.workingFolder = out_.path();
    return request;
  }
  PackRequest signedRequest() const {
    PackRequest request = this->request();
    request.keys.resize(1);
    std::fill_n(request.keys.front().data(), SecretKeyBytes::size(), static_cast<unsigned char>(1));
    return request;
  }
  Result<PackedPackage> pack(const PackRequest& request, std::size_t threads = 2) {
    WorkerPool pool(threads);
    return Packer(*files_, pool).pack(request);
  }
  void link(const std::string& name, const std::string& target) const {
    std::filesystem::create_directories((folder_ / name).parent().text());
    std::filesystem::create_symlink(target, (folder_ / name).text());
  }

  MachineFiles files_;
  TempFolder folder_, out_;
};

inline std::vector<std::string> pathsOf(const PackageManifest& manifest) {
  std::vector<std::string> paths;
  for (const ManifestFile& file : manifest.files) paths.push_back(file.path);
  return paths;
}

template <class T>
void expectError(const Result<T>& result, ErrorCode code, const std::string& says, const std::string& hints = "") {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), code) << name(result.error().code()) << ": " << result.error().message();
  EXPECT_NE(result.error().message().find(says), std::string::npos) << result.error().message();
  EXPECT_NE(result.error().hint().find(hints), std::string::npos) << result.error().hint();
}

}  // namespace tenon::host
