// A call that a check failed on, kept in a file for `tenon plugin replay` (tenon.plugin-call/1). The packages of its request
// lay in a folder that is gone: kWorkPlace stands for that, and they are made again from the golden vectors.
#pragma once

#include <string>
#include <string_view>

#include "host/adapter/Files.h"
#include "host/base/Result.h"

namespace tenon::host {

inline constexpr std::string_view kWorkPlace = "@WORK@";

struct KeptCall {
  std::string plugin, version;  // whom it was made to
  Path pluginFile, golden;      // golden: the vectors of that check; empty: none
  std::string check;            // that it failed
  bool plan = true;             // else fingerprint
  std::string request;          // byte by byte; may be no JSON
  std::string told;             // what was wrong with the answer
  std::string toJson() const;
  static Result<KeptCall> parse(std::string_view text);  // format-invalid
};

// In a folder that is made with the first call; a name by plugin and check, the next free one.
Result<Path> keepCall(Files& files, const Path& folder, const KeptCall& call);

}  // namespace tenon::host
