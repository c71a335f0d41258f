#include "host/metrics/MetricsPage.h"

#include <set>

namespace tenon::host {

namespace {

using Type = MetricType;
using Usage = Samples::Usage;

constexpr MetricFamily kBuild{"tenon_build_info", Type::Gauge, "1, with the agent's version and platform adapter."};
constexpr MetricFamily kState{"tenon_service_state", Type::Gauge, "1 for the state that a service is in, 0 for all others."};
constexpr MetricFamily kReady{"tenon_service_ready", Type::Gauge, "1 where a service is ready, else 0."};
constexpr MetricFamily kCpu{"tenon_service_cpu_seconds_total", Type::Counter,
                            "Processor time of all processes of a service, since its last start."};
constexpr MetricFamily kResident{"tenon_service_resident_bytes", Type::Gauge, "Memory of all processes of a service."};
constexpr MetricFamily kStore{"tenon_store_bytes", Type::Gauge, "Files in the content store."};
constexpr MetricFamily kFree{"tenon_disk_free_bytes", Type::Gauge, "What is free on the disk of the agent's root."};
constexpr MetricFamily kDriver{"tenon_driver_state", Type::Gauge, "1, with the state that a driver plugin is in."};
constexpr MetricFamily kIndexAge{"tenon_index_age_seconds", Type::Gauge,
                                 "Since the newest index that this node has installed by was signed."};

constexpr double kMicros = 1e6;

std::string serviceLabel(const ServiceId& service) { return metricLabels({{"service", service.text()}}); }

// Of services that run now: the samples may be older than that.
void writeUsage(MetricText& text, const std::vector<RegisteredService>& services, const Usage& usage) {
  const auto used = [&](const RegisteredService& service) -> const ProcessStats* {
    const auto found = usage.find(service.service);
    return found == usage.end() || service.observed.pid == 0 ? nullptr : &found->second;
  };
  text.family(kCpu);
  for (const auto& service : services) {
    if (const auto* is = used(service))
      text.sample(serviceLabel(service.service), static_cast<double>(is->cpuMicros) / kMicros);
  }
  text.family(kResident);
  for (const auto& service : services) {
    if (const auto* is = used(service)) text.sample(serviceLabel(service.service), is->residentBytes);
  }
}

// Two files may hold the same version of a driver; a series has one sample.
void writeDrivers(MetricText& text, const std::vector<DriverInfo>& drivers) {
  std::set<std::string> series;
  for (const auto& each : drivers) {
    series.insert(metricLabels({{"driver", each.name}, {"version", each.version}, {"state", each.state}}));
  }
  text.family(kDriver);
  for (const auto& labels : series) text.sample(labels, std::uint64_t{1});
}

// A service that has a port of that name serves its metrics there; else it is asked on the one that it has.
std::uint16_t portToAsk(const ObservedService& observed) {
  const auto named = observed.ports.find("metrics");
  return named == observed.ports.end() ? observed.port : named->second;
}

// https://prometheus.io/docs/prometheus/latest/http_sd/
JsonObject targetOf(const RegisteredService& service, std::uint16_t port) {
  JsonObject labels;
  labels.set("service", service.service.text()).set("version", service.observed.version);
  labels.set("platform", service.current ? service.current->release.platform.text() : "");
  const std::vector<std::string> targets{"127.0.0.1:" + std::to_string(port)};
  return JsonObject().set("targets", targets).set("labels", labels);
}

}  // namespace

std::string MetricsPage::targets() const {
  JsonArray rows;
  const auto services = with_.life.registry.all();
  for (const auto& service : services) {
    const std::uint16_t port = portToAsk(service.observed);
    if (service.observed.pid != 0 && port != 0) rows.add(targetOf(service, port));
  }
  return rows.text();
}

std::string MetricsPage::text() {
  const auto seen = samples_.look(with_.measured.storeChanges());
  const auto services = with_.life.registry.all();
  std::vector<ServiceId> names;
  names.reserve(services.size());
  for (const auto& service : services) names.push_back(service.service);

  MetricText text;
  writeNode(text);
  text.family(kStore);
  if (seen.storeBytes) text.sample("", *seen.storeBytes);
  writeServices(text, services);
  writeUsage(text, services, *seen.usage);
  with_.measured.write(text, names);
  return text.take();
}

void MetricsPage::writeServices(MetricText& text, const std::vector<RegisteredService>& services) const {
  text.family(kState);
  for (const auto& service : services) {
    for (std::size_t i = 0; i < kSupervisionStates; ++i) {
      const auto state = name(static_cast<SupervisionState>(i));
      const std::uint64_t is = service.observed.state == state;
      text.sample(metricLabels({{"service", service.service.text()}, {"state", state}}), is);
    }
  }
  text.family(kReady);
  for (const auto& service : services) {
    const std::uint64_t ready = service.observed.state == name(SupervisionState::Ready);
    text.sample(serviceLabel(service.service), ready);
  }
}

void MetricsPage::writeNode(MetricText& text) const {
  text.family(kBuild);
  text.sample(metricLabels({{"version", with_.version}, {"adapter", with_.life.adapter}}), std::uint64_t{1});
  text.family(kFree);
  if (const auto free = with_.life.files.freeSpace(with_.life.layout.root())) text.sample("", *free);
  writeDrivers(text, with_.life.drivers.list(DriverCatalog::Look::Back));
  text.family(kIndexAge);
  const auto trust = with_.life.trust.status();
  for (const auto& index : trust.floors.indexes) {
    const auto age = std::chrono::duration<double>(with_.clock.wall() - index.issued).count();
    text.sample(metricLabels({{"platform", index.platform.text()}}), age);
  }
}

}  // namespace tenon::host
