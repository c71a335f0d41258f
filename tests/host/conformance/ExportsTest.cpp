#include "host/conformance/Exports.h"

#include <Poco/SharedLibrary.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/MachineFiles.h"

namespace tenon::host {
namespace {

class Exports : public testing::Test {
 protected:
  std::string bytes(const std::string& name) {
    return machine_->readAll(Path(TENON_TRIALS) / (name + Poco::SharedLibrary::suffix()), std::uint64_t{1} << 28).value();
  }
  MachineFiles machine_;
};

TEST_F(Exports, AreReadFromTheFile) {
  EXPECT_EQ(exportedSymbols(bytes("trial-nothing")).value(), std::vector<std::string>{"tenon_plugin_v1"});
  EXPECT_THAT(exportedSymbols(bytes("trial-exports")).value(), testing::IsSupersetOf({"tenon_plugin_v1", "trial_helper"}));
}

TEST_F(Exports, OnWindowsCountAlsoWithoutAName) {
  if (Poco::SharedLibrary::suffix() != ".dll") GTEST_SKIP() << "elsewhere each has a name";
  EXPECT_THAT(exportedSymbols(bytes("trial-exports")).value(),
              testing::UnorderedElementsAre("tenon_plugin_v1", "trial_helper", "one by its number alone"));
}

TEST_F(Exports, OfAFileThatIsNoLibraryAreAnError) {
  EXPECT_EQ(exportedSymbols("").error().code(), ErrorCode::FormatInvalid);
  EXPECT_EQ(exportedSymbols("#!/bin/sh\n").error().code(), ErrorCode::FormatInvalid);
  EXPECT_EQ(exportedSymbols("MZ").error().code(), ErrorCode::FormatInvalid);
}

// Whatever its bytes say: an answer or an error, and nothing outside of it is read.
TEST_F(Exports, OfADamagedFileAreReadWithinIt) {
  const std::string whole = bytes("trial-nothing");
  for (std::size_t size = 0; size < whole.size(); size += whole.size() / 200 + 1)
    static_cast<void>(exportedSymbols(whole.substr(0, size)));
  for (std::size_t at = 0; at < 512; at += 5) {
    std::string changed = whole;
    changed[at] = static_cast<char>(0xFF);
    const auto names = exportedSymbols(changed);
    EXPECT_TRUE(names || !names.error().message().empty());
  }
}

}  // namespace
}  // namespace tenon::host
