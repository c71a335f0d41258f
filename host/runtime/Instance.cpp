#include "host/runtime/Instance.h"

#include "host/base/Json.h"

namespace tenon::host {
namespace {

constexpr std::int64_t kMost = INT64_MAX;

Result<std::int64_t> integerAt(const Json& in, std::string_view key, std::int64_t least, std::int64_t most) {
  TENON_TRY(const Json value, in.member(key));
  return value.integer(least, most);
}

Result<std::string> stringAt(const Json& in, std::string_view key) {
  TENON_TRY(const Json value, in.member(key));
  return value.string();
}

Result<bool> booleanAt(const Json& in, std::string_view key) {
  TENON_TRY(const Json value, in.member(key));
  return value.boolean();
}

Result<InstalledRelease> releaseAt(const Json& in) {
  TENON_TRY(const std::string version, stringAt(in, "version"));
  TENON_TRY(const std::string platform, stringAt(in, "platform"));
  TENON_TRY(const std::string digest, stringAt(in, "manifest_sha256"));
  TENON_TRY(auto semVer, SemVer::parse(version));
  TENON_TRY(auto platformId, PlatformId::parse(platform));
  TENON_TRY(auto manifest, Digest::parse(digest));
  return InstalledRelease{std::move(semVer), std::move(platformId), manifest};
}

Result<void> readPorts(const Json& in, InstanceRecord& record) {
  TENON_TRY(const std::int64_t port, integerAt(in, "port", 0, 65535));
  record.port = static_cast<std::uint16_t>(port);
  TENON_TRY(const Json ports, in.member("ports"));
  TENON_TRY(const auto members, ports.members());
  for (const auto& [name, value] : members) {
    TENON_TRY(const std::int64_t number, value.integer(1, 65535));
    record.ports[name] = static_cast<std::uint16_t>(number);
  }
  return {};
}

Result<InstanceRecord> read(const Json& in) {
  TENON_TRY(const std::string id, stringAt(in, "service_id"));
  TENON_TRY(auto service, ServiceId::parse(id));
  TENON_TRY(auto release, releaseAt(in));
  InstanceRecord record{std::move(service), 0, std::move(release), true, false, "", 0, 0, {}, "", 0};
  TENON_TRY(const std::int64_t number, integerAt(in, "instance", 1, kMost));
  record.number = static_cast<InstanceNumber>(number);
  TENON_TRY(record.serving, booleanAt(in, "serving"));
  TENON_TRY(record.trial, booleanAt(in, "trial"));
  TENON_TRY(record.identity, stringAt(in, "identity"));
  TENON_TRY(record.pid, integerAt(in, "pid", 0, kMost));
  TENON_CHECK(readPorts(in, record));
  TENON_TRY(record.startedAt, stringAt(in, "started_at"));
  TENON_TRY(const std::int64_t restarts, integerAt(in, "restarts", 0, kMost));
  record.restarts = static_cast<std::uint64_t>(restarts);
  TENON_TRY(record.frozen, in.booleanOr("frozen", false));
  TENON_TRY(record.isolation, in.stringOr("isolation", std::string(name(Isolation::None))));
  return record;
}

}  // namespace

Result<InstanceRecord> InstanceRecord::parse(std::string_view text) {
  auto record = [&]() -> Result<InstanceRecord> {
    TENON_TRY(const Json json, Json::parse(text));
    return read(json);
  }();
  if (!record) return Error(ErrorCode::StateCorrupt, record.error().message()).withField(record.error().field());
  return record;
}

std::string InstanceRecord::toJson() const {
  JsonObject named;
  for (const auto& [name, number_] : ports) named.set(name, std::int64_t{number_});
  return JsonObject()
      .set("service_id", service.text())
      .set("instance", number)
      .set("version", release.version.text())
      .set("platform", release.platform.text())
      .set("manifest_sha256", release.manifestSha256.hex())
      .set("serving", serving)
      .set("trial", trial)
      .set("frozen", frozen)
      .set("identity", identity)
      .set("pid", pid)
      .set("port", std::int64_t{port})
      .set("ports", named)
      .set("started_at", startedAt)
      .set("restarts", restarts)
      .set("isolation", isolation)
      .text();
}

}  // namespace tenon::host
