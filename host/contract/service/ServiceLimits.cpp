#include "host/contract/service/ServiceLimits.h"

#include <algorithm>
#include <array>

#include "host/base/Text.h"

namespace tenon::host {

namespace {

constexpr std::array<std::string_view, 4> kNames = {"memory_mb", "cpus", "pids", "open_files"};

Error noLimits(std::string_view text) {
  return Error(ErrorCode::Usage, "service_limits: \"" + std::string(text) + "\" is no limit")
      .withHint("say for example: memory_mb=2048, cpus=2, pids=512, open_files=4096");
}

// Shortest; "" for none.
std::string numberText(std::optional<double> number) {
  if (!number) return "";
  std::string text = std::to_string(*number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}
std::string numberText(const std::optional<std::uint64_t>& number) { return number ? std::to_string(*number) : ""; }

// Each limit of `of` by its name.
std::array<std::string, kNames.size()> valuesOf(const Resources& of) {
  return {numberText(of.memoryMb), numberText(of.cpus), numberText(of.pids), numberText(of.openFiles)};
}

template <class Number>
bool isMore(const std::optional<Number>& asked, const std::optional<Number>& most) {
  return asked && most && *asked > *most;
}

}  // namespace

// As the object that service.json has, so that the same values are refused.
Result<ServiceLimits> ServiceLimits::parse(std::string_view text) {
  JsonObject object;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    const auto one = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (one.empty()) continue;
    const auto equals = std::min(one.find('='), one.size());
    const auto name = trimmed(one.substr(0, equals));
    const auto value = Json::parse(std::string(trimmed(one.substr(std::min(equals + 1, one.size())))));
    if (!value || std::find(kNames.begin(), kNames.end(), name) == kNames.end()) return noLimits(one);
    object.set(name, *value);
  }
  ServiceLimits limits;
  const auto json = Json::parse(object.text());
  auto most = json ? Resources::parse(*json) : Result<Resources>(json.error());
  if (!most) return Error(ErrorCode::Usage, "service_limits: " + most.error().message());
  limits.most_ = *std::move(most);
  return limits;
}

std::string ServiceLimits::text() const {
  const auto values = valuesOf(most_);
  std::string text;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (!values[i].empty()) text += (text.empty() ? "" : ", ") + std::string(kNames[i]) + "=" + values[i];
  }
  return text;
}

Result<void> ServiceLimits::check(const ServiceManifest& manifest, const PlatformId& platform) const {
  TENON_TRY(const PlatformVariant* variant, manifest.variant(platform));
  const Resources& asked = variant->resources;
  const std::array<bool, kNames.size()> over = {isMore(asked.memoryMb, most_.memoryMb), isMore(asked.cpus, most_.cpus),
                                                isMore(asked.pids, most_.pids), isMore(asked.openFiles, most_.openFiles)};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (!over[i]) continue;
    const std::string name(kNames[i]);
    return Error(ErrorCode::ResourceMissing, manifest.service.text() + " asks for " + name + " " + valuesOf(asked)[i] +
                                                 ", and this node gives a service " + valuesOf(most_)[i] + " at most")
        .withHint("install a release that asks for less, or raise service_limits of this node")
        .withField("platforms." + platform.text() + ".resources." + name);
  }
  return {};
}

Resources ServiceLimits::apply(Resources asked) const {
  if (!asked.memoryMb) asked.memoryMb = most_.memoryMb;
  if (!asked.cpus) asked.cpus = most_.cpus;
  if (!asked.pids) asked.pids = most_.pids;
  return asked;
}

}  // namespace tenon::host
