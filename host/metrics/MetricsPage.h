// What Prometheus asks: the text of /metrics (what was counted, and what the agent's tables say now), and which services of
// this node have metrics of their own. Any thread.
#pragma once

#include <string>

#include "host/metrics/Measurements.h"
#include "host/metrics/Samples.h"

namespace tenon::host {

class MetricsPage {
 public:
  // All outlive the page, and it outlives what `later` runs.
  struct Collaborators {
    const LifeCollaborators& life;
    Measurements& measured;
    const Clock& clock;
    std::string version;  // of the agent
    Samples::Later later;
  };
  explicit MetricsPage(Collaborators with) : with_(std::move(with)), samples_(with_.life, with_.clock, with_.later) {}

  // In milliseconds with a thousand services; see Samples for what may be older than the rest.
  std::string text();
  // HTTP service discovery: a JSON array of {targets, labels}, one of each service that runs and has a port.
  std::string targets() const;

 private:
  void writeServices(MetricText& text, const std::vector<RegisteredService>& services) const;
  void writeNode(MetricText& text) const;

  const Collaborators with_;
  Samples samples_;
};

}  // namespace tenon::host
