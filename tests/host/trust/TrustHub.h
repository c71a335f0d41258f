// The two documents of trust that a hub serves, as an HttpClient finds them.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "tests/host/trust/Roots.h"
#include "tests/support/ScriptedHttp.h"

namespace tenon::host {

class TrustHub {
 public:
  std::map<std::uint64_t, SignedText> roots;
  std::map<std::string, SignedText> indexes;  // by platform

  void put(const RootDocument& root, std::initializer_list<int> keys) { roots[root.version] = signedBy(root, keys); }
  void put(const ReleaseIndex& index, std::initializer_list<int> keys = {4}) {
    indexes[index.platform.text()] = signedBy(index.text(), keys);
  }

  // Nothing where the URL is none of trust's.
  std::optional<ScriptedAnswer> answer(const std::string& url) const {
    for (const auto& [version, root] : roots) {
      if (auto found = document(url, "/v1/root/" + std::to_string(version) + ".json", root)) return found;
    }
    for (const auto& [platform, index] : indexes) {
      if (auto found = document(url, "/v1/index/" + platform + ".json", index)) return found;
    }
    if (url.find("/v1/root/") == url.npos && url.find("/v1/index/") == url.npos) return std::nullopt;
    return ScriptedAnswer{.status = 404};
  }

 private:
  static std::optional<ScriptedAnswer> document(const std::string& url, const std::string& path, const SignedText& text) {
    if (url.ends_with(path)) return ScriptedAnswer{.body = text.text};
    if (url.ends_with(path + ".sig")) return ScriptedAnswer{.body = text.signatures};
    return std::nullopt;
  }
};

}  // namespace tenon::host
