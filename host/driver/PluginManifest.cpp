#include <algorithm>
#include <limits>

#include "host/base/Limits.h"
#include "host/contract/release/SemVer.h"
#include "host/driver/Driver.h"

namespace tenon::host {

namespace {

// The same grammar as service ids: it stands in pins, paths and tables.
Result<std::string> readName(const Json& value) {
  TENON_TRY(auto text, value.string());
  if (!ServiceId::parse(text)) {
    return value.wrong(
        "expected a name of a-z 0-9 . _ -, at most 63 of them, that ends in no dot and is none of Windows' own");
  }
  return text;
}

Result<std::vector<std::string>> readProvides(const Json& value) {
  TENON_TRY(const auto items, value.array());
  if (items.empty() || items.size() > limits::kPluginProvides) return value.wrong("expected 1 to 64 names");
  std::vector<std::string> names;
  for (const auto& item : items) {
    TENON_TRY(auto name, readName(item));
    if (std::find(names.begin(), names.end(), name) != names.end()) return item.wrong("stands here twice");
    names.push_back(std::move(name));
  }
  return names;
}

// What it insists on and this host does not know makes it unusable here.
Result<void> checkUnderstood(const Json& document) {
  TENON_TRY(const auto names, document.stringsOr("must_understand", {}));
  constexpr std::string_view known[] = {"schema",   "name", "version", "family",
                                        "provides", "abi",  "sha256",  "must_understand"};
  for (const auto& name : names) {
    if (std::find(std::begin(known), std::end(known), name) == std::end(known)) {
      return Error(ErrorCode::DriverIncompatible,
                   "it needs \"" + name + "\", which this tenon does not know: upgrade tenon");
    }
  }
  return {};
}

}  // namespace

Result<PluginClaim> PluginManifest::claim() const {
  TENON_TRY(auto number, SemVer::parse(version));
  return PluginClaim{name, std::move(number), provides};
}

Result<PluginManifest> PluginManifest::parse(std::string_view text) {
  TENON_TRY(const auto document, Json::parse(text, {.bytes = limits::kPluginDocumentBytes}));
  TENON_TRY(const auto schema, document.member("schema"));
  TENON_TRY(const auto schemaText, schema.string());
  if (schemaText != "tenon.plugin/1") return schema.wrong("expected \"tenon.plugin/1\"");
  TENON_CHECK(checkUnderstood(document));

  PluginManifest manifest;
  TENON_TRY(const auto name, document.member("name"));
  TENON_TRY(manifest.name, readName(name));
  TENON_TRY(const auto version, document.member("version"));
  TENON_TRY(manifest.version, version.string());
  if (!SemVer::parse(manifest.version)) return version.wrong("expected a semantic version: 1.4.0");
  TENON_TRY(const auto family, document.member("family"));
  TENON_TRY(manifest.family, family.string());
  if (manifest.family != "runtime-driver" && manifest.family != "platform-adapter") {
    return family.wrong("expected \"runtime-driver\" or \"platform-adapter\"");
  }
  TENON_TRY(const auto provides, document.member("provides"));
  TENON_TRY(manifest.provides, readProvides(provides));
  TENON_TRY(const auto abi, document.member("abi"));
  constexpr std::int64_t most = std::numeric_limits<std::uint16_t>::max();
  TENON_TRY(const auto major, abi.member("major"));
  TENON_TRY(const auto majorNumber, major.integer(1, most));
  TENON_TRY(const auto minorMin, abi.integerOr("minor_min", 0, 0, most));
  TENON_TRY(const auto sha256, document.stringOr("sha256", ""));
  if (!sha256.empty()) {
    TENON_TRY(manifest.sha256, Digest::parse(sha256));
  }
  manifest.abiMajor = static_cast<int>(majorNumber);
  manifest.abiMinorMin = static_cast<int>(minorMin);
  return manifest;
}

}  // namespace tenon::host
