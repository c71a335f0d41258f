// Families that are counted as things happen. Each series is named by its labels as metricLabels() writes them; values of
// labels come from closed sets of this program, never from outside, so that a family cannot grow without end. Any thread:
// one mutex a family, held for an addition or while its series are written.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "host/observe/MetricText.h"

namespace tenon::host {

class Counters {
 public:
  explicit Counters(const MetricFamily& family) : family_(family) {}
  // By 0: the series is there from then on, so that its first increase is seen as one.
  void add(std::string_view labels, std::uint64_t by = 1);
  void write(MetricText& text) const;

 private:
  const MetricFamily family_;
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t, std::less<>> series_;
};

class Histograms {
 public:
  // `bounds` rise; what is above the last falls into +Inf.
  Histograms(const MetricFamily& family, std::vector<double> bounds) : family_(family), bounds_(std::move(bounds)) {}
  void observe(std::string_view labels, double value);
  void write(MetricText& text) const;

 private:
  struct Series {
    std::vector<std::uint64_t> counts;
    double sum = 0;
  };
  const MetricFamily family_;
  const std::vector<double> bounds_;
  mutable std::mutex mutex_;
  std::map<std::string, Series, std::less<>> series_;
};

}  // namespace tenon::host
