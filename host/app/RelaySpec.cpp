#include "host/app/RelaySpec.h"

namespace tenon::host {
namespace {

constexpr const char* kRelayService = "tenon.relay";  // no package may have such an id

ServiceManifest relayManifest(const PlatformId& platform) {
  ServiceManifest manifest(ServiceId::parse(kRelayService).value(), SemVer::parse(TENON_VERSION).value());
  manifest.name = "What listens on services' endpoints";
  manifest.health.type = HealthCheck::Type::Tcp;
  manifest.stop.grace = Millis{1000};  // it is stopped when nobody has an endpoint, and has nothing to tidy up
  manifest.platforms.emplace(platform.text(), PlatformVariant(Json::parse(R"({"type": "argv"})").value()));
  return manifest;
}

}  // namespace

InstanceSpec relaySpec(const PlatformFacts& facts, const PackageLayout& layout) {
  const PlatformId platform = PlatformId::parse(facts.platforms.front()).value();
  ServiceManifest manifest = relayManifest(platform);
  const InstalledRelease release{manifest.version, platform, Digest()};
  LaunchPlan plan;
  plan.program = facts.executable.text();
  plan.args = {"relay", "--table", layout.endpoints().text(), "--health", "${SERVICE_PORT}"};
  return {.manifest = std::move(manifest),
          .release = release,
          .plan = std::move(plan),
          .packageDir = facts.executable.parent(),
          .dataDir = layout.relay(),
          .log = layout.relay() / "relay.log",
          .policyEnv = {}};
}

}  // namespace tenon::host
