// The index that a hub's online key signs, and bundle.json: one text for one content.
#include "host/contract/release/Bundle.h"
#include "host/contract/release/ReleaseIndex.h"
#include "tests/fuzz/Fuzz.h"

using namespace tenon::host;

TENON_FUZZ(text) {
  if (const auto bundle = parseBundleText(text); bundle) {
    const auto again = parseBundleText(bundleText(*bundle));
    must(again && bundleText(*again) == bundleText(*bundle), "what a bundle is of is read again as the same");
  } else {
    mustBeOneLine(bundle.error());
  }
  const auto index = ReleaseIndex::parse(text);
  if (!index) return mustBeOneLine(index.error());
  must(index->text() == text, "what is accepted is written as it was read");
  must(index->sequence > 0, "a sequence is at least 1");
  for (const auto& each : index->releases) {
    must(isChannel(each.channel), "a channel is a channel's name");
    const auto spec = ReleaseSpec::parse(each.service.text() + "@" + each.version.text());
    must(spec.has_value(), "a listed release can be named");
    const auto chosen = index->choose(*spec, [](const IndexedRelease&) { return false; });
    must(chosen.has_value() != each.yanked, "a named release is chosen unless it was yanked");
    if (chosen) must(chosen->sha256 == each.sha256, "the named release is the one that is chosen");
  }
}
