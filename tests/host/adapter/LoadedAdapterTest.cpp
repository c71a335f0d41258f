// What a host says of an adapter plugin that it cannot use. The rest is the shared suite's (tests/suites).
#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>

#include "host/adapter/PlatformAdapter.h"
#include "tenon/plugin.h"

extern "C" const tenon_entry TENON_STATIC_ADAPTER;
#define TENON_TEXT_OF_TOKEN(token) #token
#define TENON_TEXT_OF(macro) TENON_TEXT_OF_TOKEN(macro)

namespace tenon::host {

namespace {

constexpr tenon_host kHost{sizeof(tenon_host), TENON_ABI_MAJOR, TENON_ABI_MINOR, nullptr, nullptr};

int openCount = 0;  // of the made-up plugin's states

std::int32_t openState(const tenon_host*, void** self) {
  static int state = 0;
  ++openCount;
  *self = &state;
  return TENON_OK;
}
void closeState(void*) { --openCount; }
const void* offersNothing(void*, const char*) { return nullptr; }

std::int32_t describeBadly(void*, tenon_str, const tenon_sink* out) {
  constexpr std::string_view kDocument = R"({"schema":"tenon.platform-facts/1","name":"odd","platforms":"linux-x64"})";
  return out->document(out->ctx, {kDocument.data(), kDocument.size()});
}

const void* describesBadly(void*, const char* id) {
  static const tenon_files files = {sizeof(tenon_files)};
  static const tenon_platform platform = {sizeof(tenon_platform), 0, &describeBadly};
  return std::strcmp(id, TENON_EXT_FILES) == 0 ? static_cast<const void*>(&files) : &platform;
}

const void* offersAnOlderTable(void*, const char* id) {
  static const tenon_files files = {offsetof(tenon_files, read_symlink)};
  static const tenon_platform platform = {sizeof(tenon_platform), 0, &describeBadly};
  return std::strcmp(id, TENON_EXT_FILES) == 0 ? static_cast<const void*>(&files) : &platform;
}

std::int32_t describeWell(void*, tenon_str, const tenon_sink* out) {
  constexpr std::string_view kDocument = R"({"schema":"tenon.platform-facts/1","name":"older","platforms":["linux-x64"]})";
  return out->document(out->ctx, {kDocument.data(), kDocument.size()});
}

const void* isOfMinorZero(void*, const char* id) {
  static const tenon_files files = {sizeof(tenon_files)};
  static const tenon_platform platform = {offsetof(tenon_platform, kill_unknown), 0, &describeWell};
  return std::strcmp(id, TENON_EXT_FILES) == 0 ? static_cast<const void*>(&files) : &platform;
}

tenon_entry entryWith(const void* (*extension)(void*, const char*)) {
  return {TENON_ENTRY_MAGIC, sizeof(tenon_entry), TENON_ABI_MAJOR, TENON_ABI_MINOR, 0, 0,
          &openState,        extension,           &closeState};
}

Error refusalOf(const tenon_entry& entry) {
  const auto opened = openPlatformAdapter(entry, kHost);
  EXPECT_FALSE(opened);
  EXPECT_EQ(openCount, 0);  // whatever was opened is closed again
  return opened ? Error(ErrorCode::Internal, "opened") : opened.error();
}

}  // namespace

TEST(LoadedAdapter, OpensTheAdapterThatIsLinkedIn) {
  const auto adapter = openPlatformAdapter(TENON_STATIC_ADAPTER, kHost);
  ASSERT_TRUE(adapter) << adapter.error().message();
  EXPECT_EQ("tenon_plugin_v1_" + (*adapter)->facts().name, TENON_TEXT_OF(TENON_STATIC_ADAPTER));
}

TEST(LoadedAdapter, RefusesWhatIsNoEntry) {
  auto entry = entryWith(&offersNothing);
  entry.magic = 0;
  EXPECT_EQ(refusalOf(entry).code(), ErrorCode::DriverIncompatible);
  entry = entryWith(&offersNothing);
  entry.struct_size = 8;
  EXPECT_EQ(refusalOf(entry).code(), ErrorCode::DriverIncompatible);
}

TEST(LoadedAdapter, SaysWhoMustUpgrade) {
  auto entry = entryWith(&offersNothing);
  entry.abi_major = TENON_ABI_MAJOR + 1;
  EXPECT_EQ(refusalOf(entry).hint(), "upgrade Tenon");
  entry = entryWith(&offersNothing);
  entry.abi_minor_min = TENON_ABI_MINOR + 1;
  EXPECT_EQ(refusalOf(entry).hint(), "upgrade Tenon");
  EXPECT_NE(refusalOf(entry).message().find("needs ABI 1.2, and this host speaks 1.1"), std::string::npos);
  entry = entryWith(&offersNothing);
  entry.abi_major = 0;
  EXPECT_NE(refusalOf(entry).hint().find("vendor"), std::string::npos);
}

TEST(LoadedAdapter, NamesTheExtensionThatIsNotOffered) {
  EXPECT_NE(refusalOf(entryWith(&offersNothing)).message().find("tenon.platform/1"), std::string::npos);
  EXPECT_NE(refusalOf(entryWith(&offersAnOlderTable)).message().find("tenon.files/1"), std::string::npos);
}

TEST(LoadedAdapter, TakesAnAdapterThatWasBuiltBeforeTheLatestMinorAndSaysWhatItCannot) {
  const tenon_entry entry = entryWith(&isOfMinorZero);  // outlives the adapter
  const auto adapter = openPlatformAdapter(entry, kHost);
  ASSERT_TRUE(adapter) << adapter.error().message();
  const auto refused = (*adapter)->processes().killUnknown("a.");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::PlatformUnsupported);
  EXPECT_NE(refused.error().hint().find("newer build"), std::string::npos);
  EXPECT_EQ((*adapter)->processes().freeze(1, true).error().code(), ErrorCode::PlatformUnsupported);
}

TEST(LoadedAdapter, RefusesFactsOfTheWrongShape) {
  const Error error = refusalOf(entryWith(&describesBadly));
  EXPECT_EQ(error.code(), ErrorCode::FormatInvalid);
  EXPECT_EQ(error.field(), "platforms");
}

}  // namespace tenon::host

#undef TENON_TEXT_OF_TOKEN
#undef TENON_TEXT_OF
