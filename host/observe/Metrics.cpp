#include "host/observe/Metrics.h"

#include <algorithm>

namespace tenon::host {

namespace {

template <class Series>
Series& seriesOf(std::map<std::string, Series, std::less<>>& all, std::string_view labels) {
  const auto found = all.find(labels);
  return found != all.end() ? found->second : all[std::string(labels)];
}

}  // namespace

void Counters::add(std::string_view labels, std::uint64_t by) {
  const std::lock_guard lock(mutex_);
  seriesOf(series_, labels) += by;
}

void Counters::write(MetricText& text) const {
  text.family(family_);
  const std::lock_guard lock(mutex_);
  for (const auto& [labels, value] : series_) text.sample(labels, value);
}

void Histograms::observe(std::string_view labels, double value) {
  const auto bucket =
      std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();  // `le`: the bound is within
  const std::lock_guard lock(mutex_);
  Series& series = seriesOf(series_, labels);
  series.counts.resize(bounds_.size() + 1);
  ++series.counts[static_cast<std::size_t>(bucket)];
  series.sum += value;
}

void Histograms::write(MetricText& text) const {
  text.family(family_);
  const std::lock_guard lock(mutex_);
  for (const auto& [labels, series] : series_) text.histogram(labels, bounds_, series.counts, series.sum);
}

}  // namespace tenon::host
