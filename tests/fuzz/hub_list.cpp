// What a hub lists: services and models.
#include "host/contract/release/HubIndex.h"

#include <set>

#include "host/contract/release/HubModels.h"
#include "tests/fuzz/Fuzz.h"

using namespace tenon::host;

namespace tenon::host {
namespace {

void mustChooseWhatIsListed(const HubIndex& index) {
  std::set<std::string> known;
  for (const auto& service : index.services) {
    if (!known.insert(service.service.text()).second) continue;  // the first of two by one name counts
    for (const auto& variant : service.variants) {
      must(variant.release.service == service.service, "a variant is its service's");
      const auto spec = ReleaseSpec::parse(service.service.text() + "@" + variant.release.version.text());
      must(spec.has_value(), "a listed release can be named");
      const auto chosen = index.choose(*spec, {variant.release.platform.text()});
      must(chosen.has_value(), "a named release is chosen");
      must(chosen->release.version.text() == variant.release.version.text(), "the named version is chosen");
    }
  }
}

}  // namespace
}  // namespace tenon::host

TENON_FUZZ(text) {
  if (const auto index = HubIndex::parse(text); index) {
    mustChooseWhatIsListed(*index);
    const auto again = HubIndex::parse(index->toJson());
    must(again.has_value(), "a list that is written can be read");
    must(again->toJson() == index->toJson(), "a list is read as it was written");
  } else {
    mustBeOneLine(index.error());
  }
  const auto models = parseHubModels(text);
  if (!models) return mustBeOneLine(models.error());
  for (const auto& model : *models) {
    for (const auto& version : model.versions) {
      const auto chosen = model.choose(version.version);
      must(chosen && (*chosen)->version == version.version, "a named version is chosen");
      version.sizeBytes();
    }
  }
}
