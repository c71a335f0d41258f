#include "host/driver/Negotiation.h"

#include <gtest/gtest.h>

#include "host/driver/PluginLoader.h"

namespace tenon::host {
namespace {

tenon_entry goodEntry() {
  return {TENON_ENTRY_MAGIC,
          sizeof(tenon_entry),
          1,
          0,
          0,
          0,
          [](const tenon_host*, void**) -> std::int32_t { return 0; },
          [](void*, const char*) -> const void* { return nullptr; },
          [](void*) {}};
}

TEST(Negotiation, SaysWhoMustUpgradeWhat) {
  EXPECT_EQ(negotiate("python 2.0.0", 1, 0), std::nullopt);
  EXPECT_EQ(negotiate("python 2.0.0", 1, 4),
            "python 2.0.0 needs a host of ABI 1.4 or newer, this one is 1.1: upgrade tenon");
  EXPECT_EQ(negotiate("python 2.0.0", 2, 0), "python 2.0.0 needs a host of ABI 2, this one is 1.1: upgrade tenon");
  EXPECT_EQ(negotiate("python 2.0.0", 0, 0),
            "python 2.0.0 was built for a host of ABI 0, this one is 1.1: upgrade the plugin");
}

TEST(Negotiation, TakesAnEntryThatFits) {
  EXPECT_EQ(incompatibility(goodEntry(), "python 2.0.0"), std::nullopt);
  auto grown = goodEntry();  // by a later minor: members at the end
  grown.struct_size = 4096;
  grown.abi_minor_built = 7;
  EXPECT_EQ(incompatibility(grown, "python 2.0.0"), std::nullopt);
}

TEST(Negotiation, RefusesAnEntryThatDoesNotFit) {
  auto entry = goodEntry();
  entry.magic = 7;
  EXPECT_EQ(incompatibility(entry, "x"), "x is no Tenon plugin: its entry does not begin with the magic number");
  entry = goodEntry();
  entry.abi_minor_min = 2;
  EXPECT_EQ(incompatibility(entry, "x"), "x needs a host of ABI 1.2 or newer, this one is 1.1: upgrade tenon");
  entry = goodEntry();
  entry.struct_size = 16;
  EXPECT_TRUE(incompatibility(entry, "x"));
  entry = goodEntry();
  entry.extension = nullptr;
  EXPECT_TRUE(incompatibility(entry, "x"));
}

}  // namespace
}  // namespace tenon::host
