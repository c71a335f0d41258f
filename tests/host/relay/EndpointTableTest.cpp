#include "host/relay/EndpointTable.h"

#include <gtest/gtest.h>

#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

ServiceId id(const std::string& text) { return ServiceId::parse(text).value(); }

TEST(EndpointTable, ComesBackAsItWasWritten) {
  MachineFiles files;
  TempFolder folder;
  const Path file = folder / "endpoints.json";
  EXPECT_EQ(readEndpointTable(*files, file).value(), EndpointTable{}) << "nothing there";
  const EndpointTable table{
      {id("a"), {{"127.0.0.1", 5100, EndpointPolicy::Protocol::Http}, 40001, false}},
      {id("b"), {{"::1", 65535, EndpointPolicy::Protocol::Tcp}, 0, true}},
  };
  for (int twice = 0; twice < 2; ++twice) {
    ASSERT_TRUE(writeEndpointTable(*files, file, table));
    EXPECT_EQ(readEndpointTable(*files, file).value(), table);
  }
}

TEST(EndpointTable, RefusesWhatItCannotBelieve) {
  for (const char* text :
       {"", "{}", R"({"endpoints": {}})", R"({"endpoints": [{"service": "a"}]})",
        R"({"endpoints": [{"service": "..", "port": 1}]})", R"({"endpoints": [{"service": "a", "port": 0}]})",
        R"({"endpoints": [{"service": "a", "port": 1, "to": 65536}]})",
        R"({"endpoints": [{"service": "a", "port": 1}, {"service": "a", "port": 2}]})"}) {
    EXPECT_FALSE(parseEndpointTable(text)) << text;
  }
}

}  // namespace
}  // namespace tenon::host
