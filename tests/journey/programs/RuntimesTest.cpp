// Services that bring what they run on: a Rust program for its target triple, a Python of their own.
#include <filesystem>

#include "tests/journey/programs/RealProgram.h"

namespace tenon::host {

class Runtimes : public RealProgram {};

TEST_F(Runtimes, RustServiceByItsTargetTripleWithItsModels) {
  const std::string folder = path("textstats");
  std::filesystem::copy(std::string(TENON_SOURCE_DIR) + "/samples/services/textstats", folder,
                        std::filesystem::copy_options::recursive);
  const std::string target = std::string(TENON_BINARY_DIR) + "/journey/cargo";
  const auto built = shell("cd " + folder + " && CARGO_TARGET_DIR=" + target + " cargo build --release --offline --quiet");
  if (built.status == 127) GTEST_SKIP() << "cargo is not here";
  ASSERT_EQ(built.status, 0) << built.err;
  const std::string bin = folder + "/bin/x86_64-unknown-linux-gnu";
  std::filesystem::create_directories(bin);
  std::filesystem::copy(target + "/release/textstats", bin + "/textstats");
  replaceIn(folder + "/service.json", "\"default_port\": 5120,", "");
  startHub();
  startAgent();
  publish(folder);
  const auto installed = tenon("install textstats");
  ASSERT_EQ(installed.status, 0) << installed.out << installed.err;

  // "the", "and" and "a" are in models/stopwords.txt
  EXPECT_EQ(post(status("textstats")["port"], "/stats", "The cat and the cats, the dog and a cat"),
            R"({"characters":39,"words":10,"top":[{"word":"cat","count":2},{"word":"cats","count":1},)"
            R"({"word":"dog","count":1}]})");
}

TEST_F(Runtimes, PythonServiceThatCarriesItsPython) {
  const std::string python = fromDebian("portable-python");
  if (python.empty()) GTEST_SKIP() << "Python's packages cannot be had from Debian here";
  startHub();
  startAgent();
  const std::string folder = langid("1.0.0");
  std::filesystem::create_directories(folder + "/runtime");
  shell("cp -a " + python + " " + folder + "/runtime/python");
  publish(folder);
  const auto installed = tenon("install langid");
  ASSERT_EQ(installed.status, 0) << installed.out << installed.err;
  const std::string exe = shell("readlink /proc/" + status("langid")["pid"] + "/exe").out;
  EXPECT_NE(exe.find("versions/1.0.0/linux-x64/runtime/python/bin/python3"), std::string::npos) << exe;
}

}  // namespace tenon::host
