// What the kit found: one verdict a check, and the document that a package carries (conformance.json). Values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/base/Clock.h"
#include "host/base/Json.h"
#include "host/contract/Digest.h"

namespace tenon::host {

enum class CheckVerdict { Pass, Fail, Skip };
std::string_view name(CheckVerdict verdict);  // "pass" "fail" "skip"

struct CheckResult {
  std::string id;
  CheckVerdict verdict = CheckVerdict::Skip;
  std::string why;   // one line; of a pass, what was looked at
  std::string kept;  // the file of the call that it failed on; "" where there is none
};

struct ConformanceReport {
  std::string plugin, version;
  Digest content;  // of its library
  std::string tenon;
  WallTime at;
  std::uint64_t seed = 0;
  bool planned = false;  // it gave a plan at least once: else the checks looked at refusals alone
  std::vector<CheckResult> checks;

  bool failed() const;
  // "passed", "failed", or "inconclusive": nothing failed, and nothing was planned either.
  std::string_view outcome() const;
  JsonObject document() const;  // tenon.conformance/1
};

}  // namespace tenon::host
