// Numbers in Prometheus' text format 0.0.4: families, each with what it means, and under each its samples. Base units.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::host {

enum class MetricType { Counter, Gauge, Histogram };

// Text of the program's own, which lives as long as it does.
struct MetricFamily {
  std::string_view name;
  MetricType type;
  std::string_view help;  // one line; no backslash
};

// `route="/v1/gc",code="200"`: the labels of one sample, with backslash, quote and line break of their values escaped.
std::string metricLabels(std::initializer_list<std::pair<std::string_view, std::string_view>> labels);

// One thread.
class MetricText {
 public:
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

  // The samples that follow are of this one. Once a family: all its samples stand together.
  void family(const MetricFamily& family);
  void sample(std::string_view labels, std::uint64_t value);
  void sample(std::string_view labels, double value);  // finite
  // `counts`: how many fell into each bucket alone; one more than there are bounds, which rise.
  void histogram(std::string_view labels, const std::vector<double>& bounds, const std::vector<std::uint64_t>& counts,
                 double sum);

  std::string take() { return std::move(text_); }

 private:
  void begin(std::string_view suffix, std::string_view labels, std::string_view le = {});

  std::string_view name_;
  std::string text_;
};

}  // namespace tenon::host
