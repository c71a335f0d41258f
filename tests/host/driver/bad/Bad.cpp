// Plugins that break the rules, one a compile with TENON_BAD_<WHAT>. Straight on the ABI: the SDK's wrapper would not let
// them.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include "tenon/plugin.h"

namespace {

[[maybe_unused]] int32_t say(const tenon_sink* out, const char* text) {
  return out->document(out->ctx, {text, std::strlen(text)}) == 0 ? TENON_OK : TENON_CANCELLED;
}

[[maybe_unused]] int32_t fingerprint(void*, tenon_str, const tenon_sink* out) {
#if defined(TENON_BAD_FINGERPRINT)
  return say(out, R"({"schema":"tenon.fingerprint/1","health":"splendid"})");
#else
  return say(out, R"({"schema":"tenon.fingerprint/1","health":"healthy","attributes":{"a":"b"}})");
#endif
}

#if defined(TENON_BAD_STILLBORN)
[[maybe_unused]] const bool kDead = (std::abort(), true);
#endif

const tenon_host* theHost = nullptr;

// What a plan request can make it do.
[[maybe_unused]] int32_t planInAMood(tenon_str request, const tenon_sink* out) {
  const std::string text(request.ptr, static_cast<std::size_t>(request.len));
  const auto is = [&](const char* mood) { return text.find(std::string("\"mood\":\"") + mood + "\"") != std::string::npos; };
  if (is("abort")) std::abort();
  if (is("exit")) std::_Exit(3);
  for (volatile bool hangs = is("hang"); hangs;) {
  }
  const std::string line(10'000, 'x');
  for (int i = 0; is("flood") && i < 10'000; ++i) theHost->log(theHost->ctx, 2, {line.data(), line.size()});
  if (is("print")) std::printf("%s\n", line.c_str()), std::fflush(stdout);
  const auto package = text.find("\"package_dir\":\"") + 15;
  const std::string file = text.substr(package, text.find('"', package) - package) + "/written";
  const auto cannot = [](const std::string& path) { return !(std::ofstream(path, std::ios::app) << "0").flush(); };
  const bool refused = (is("write") && cannot(file) && cannot("/dev/shm/mine") && cannot("/proc/self/oom_score_adj")) ||
                       (is("connect") && std::system("bash -c 'exec 3<>/dev/udp/127.0.0.1/9' 2>/dev/null") != 0);
  return say(out,
             refused ? R"({"schema":"tenon.plan/1","program":"refused"})" : R"({"schema":"tenon.plan/1","program":"a"})");
}

[[maybe_unused]] int32_t plan(void*, [[maybe_unused]] tenon_str request, const tenon_sink* out) {
#if defined(TENON_BAD_PLAN)
  return say(out, "{\"schema\":\"tenon.plan/1\",");
#elif defined(TENON_BAD_SILENT)
  return (void)out, TENON_OK;
#elif defined(TENON_BAD_HUGE)
  static char text[(1u << 20) + 1];
  return out->document(out->ctx, {text, sizeof text}) == 0 ? TENON_OK : TENON_CANCELLED;
#elif defined(TENON_BAD_CODE)
  return (void)out, 99;
#elif defined(TENON_BAD_TWICE)
  say(out, R"({"schema":"tenon.plan/1","program":"a"})");
  return say(out, R"({"schema":"tenon.plan/1","program":"b"})");
#elif defined(TENON_BAD_MOODY)
  return planInAMood(request, out);
#elif defined(TENON_BAD_DEMANDS)
  return say(out, R"({"schema":"tenon.plan/1","program":"a","sandbox":{},"must_understand":["sandbox"]})");
#else
  return say(out, R"({"schema":"tenon.plan/1","program":"a"})");
#endif
}

[[maybe_unused]] const tenon_driver kDriver = {sizeof(tenon_driver), 0, &fingerprint, &plan};

[[maybe_unused]] int32_t open(const tenon_host* host, void** self) {
  const char text[] = "hello from a plugin";
  host->log(host->ctx, 2, {text, sizeof text - 1});
  theHost = host;
  *self = nullptr;
#if defined(TENON_BAD_OPEN)
  return TENON_UNAVAILABLE;
#else
  return TENON_OK;
#endif
}

[[maybe_unused]] const void* extension(void*, const char* id) {
#if defined(TENON_BAD_FAMILY)
  return (void)id, nullptr;
#else
  return std::strcmp(id, TENON_EXT_DRIVER) == 0 ? &kDriver : nullptr;
#endif
}

[[maybe_unused]] void close(void*) {}

#if defined(TENON_BAD_MAGIC)
[[maybe_unused]] constexpr std::uint32_t kMagic = 0x21444142;
#else
[[maybe_unused]] constexpr std::uint32_t kMagic = TENON_ENTRY_MAGIC;
#endif
#if defined(TENON_BAD_MAJOR)
[[maybe_unused]] constexpr std::uint16_t kMajor = 2;
#else
[[maybe_unused]] constexpr std::uint16_t kMajor = TENON_ABI_MAJOR;
#endif
#if defined(TENON_BAD_MINOR)
[[maybe_unused]] constexpr std::uint16_t kMinorMin = 9;
#else
[[maybe_unused]] constexpr std::uint16_t kMinorMin = 0;
#endif

}  // namespace

#if !defined(TENON_BAD_SYMBOL)
extern "C" {
TENON_EXPORT extern const tenon_entry tenon_plugin_v1;
const tenon_entry tenon_plugin_v1 = {kMagic, sizeof(tenon_entry), kMajor, TENON_ABI_MINOR, kMinorMin, 0,
                                     &open,  &extension,          &close};
}
#endif
