// The checks by their ids, in their order, and the page of each: `tenon explain ID` shows it, docs/conformance.md holds it.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace tenon::host {

namespace check {
inline constexpr std::string_view kManifest = "manifest-valid", kExports = "exports-one-symbol", kLoads = "loads-cleanly",
                                  kRepeatable = "plan-repeatable", kHosting = "hosting-same",
                                  kNonsense = "survives-nonsense", kMembers = "members-understood", kEnds = "ends-when-told",
                                  kGolden = "golden-vectors", kLaunch = "launch-adopted";
}

struct CheckPage {
  std::string_view id;
  std::string_view proves;  // what it looks at
  std::string_view means;   // what a failure would do to a node
  std::string_view mend;    // how to get rid of it
};

inline constexpr std::size_t kChecks = 10;
const std::array<CheckPage, kChecks>& checkPages();
const CheckPage* checkPage(std::string_view id);  // null: there is no such check

// docs/conformance.md, whole: made from the pages, so that the two cannot differ.
std::string checkPagesAsMarkdown();

}  // namespace tenon::host
