// service.json: what is accepted is within its limits and can be run by somebody.
#include <cmath>

#include "host/contract/release/PackagePath.h"
#include "host/contract/service/ServiceManifest.h"
#include "tests/fuzz/Fuzz.h"

namespace tenon::host {
namespace {

// What is read is written as text that means the same.
void mustSurviveWriting(std::string_view text) {
  const auto json = Json::parse(text);
  if (!json) return mustBeOneLine(json.error());
  const auto again = Json::parse(json->text());
  must(again.has_value(), "what is written can be read");
  must(again->text() == json->text(), "what is written is written the same again");
}

void mustBeRunnable(const PlatformVariant& variant) {
  must(!variant.execType.empty(), "an exec block has a type");
  for (const auto* list : {&variant.filesRequired, &variant.filesOptional}) {
    for (const auto& path : *list) {
      const std::string_view plain = path.ends_with('/') ? std::string_view(path).substr(0, path.size() - 1) : path;
      must(checkPackagePath(plain).has_value(), "every file that is named lies in the package");
    }
  }
  const auto& cpus = variant.resources.cpus;
  if (cpus) must(std::isfinite(*cpus) && *cpus > 0, "processors are a number of them");
}

}  // namespace
}  // namespace tenon::host

using namespace tenon::host;

TENON_FUZZ(text) {
  mustSurviveWriting(text);
  const auto manifest = ServiceManifest::parse(text);
  if (!manifest) return mustBeOneLine(manifest.error());
  for (const auto& [platform, variant] : manifest->platforms) {
    const auto id = PlatformId::parse(platform);
    must(id.has_value(), "a platform is a platform's name");
    must(manifest->variant(*id).has_value(), "a platform that is listed is found");
    mustBeRunnable(variant);
  }
  const auto& health = manifest->health;
  must(health.expectFrom <= health.expectTo, "some status is healthy");
  must(health.timeout.count() > 0 && health.interval.count() > 0 && health.unhealthyAfter > 0, "a check asks and ends");
  must(manifest->restart.backoff.count() >= 0 && manifest->restart.maxRestarts >= 0, "a restart is not before its end");
  must(manifest->stop.grace.count() >= 0, "a stop is not before its beginning");
  for (const auto& [name, value] : manifest->env) {
    must(!name.empty() && name.find('=') == std::string::npos, "a variable has a name");
    must((name + value).find('\0') == std::string::npos, "a variable can be given to a process");
  }
}
