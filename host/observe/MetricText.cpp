#include "host/observe/MetricText.h"

#include <array>
#include <charconv>

namespace tenon::host {

namespace {

void addEscaped(std::string& text, std::string_view value) {
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') text += '\\';
    text += c;
  }
}

// Independent of any locale; as many digits as tell the value from every other.
template <class Number>
std::string written(Number value) {
  std::array<char, 32> text;
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

std::string_view name(MetricType type) {
  switch (type) {
    case MetricType::Counter:
      return "counter";
    case MetricType::Gauge:
      return "gauge";
    case MetricType::Histogram:
      return "histogram";
  }
  return "untyped";
}

}  // namespace

std::string metricLabels(std::initializer_list<std::pair<std::string_view, std::string_view>> labels) {
  std::string text;
  for (const auto& [label, value] : labels) {
    if (!text.empty()) text += ',';
    text.append(label).append("=\"");
    addEscaped(text, value);
    text += '"';
  }
  return text;
}

void MetricText::family(const MetricFamily& family) {
  name_ = family.name;
  text_.append("# HELP ").append(name_).append(" ").append(family.help);
  text_.append("\n# TYPE ").append(name_).append(" ").append(name(family.type)).append("\n");
}

void MetricText::begin(std::string_view suffix, std::string_view labels, std::string_view le) {
  text_.append(name_).append(suffix);
  if (!labels.empty() || !le.empty()) {
    text_.append("{").append(labels);
    if (!le.empty()) text_.append(labels.empty() ? "le=\"" : ",le=\"").append(le).append("\"");
    text_.append("}");
  }
  text_.append(" ");
}

void MetricText::sample(std::string_view labels, std::uint64_t value) {
  begin("", labels);
  text_.append(written(value)).append("\n");
}

void MetricText::sample(std::string_view labels, double value) {
  begin("", labels);
  text_.append(written(value)).append("\n");
}

void MetricText::histogram(std::string_view labels, const std::vector<double>& bounds,
                           const std::vector<std::uint64_t>& counts, double sum) {
  std::uint64_t upTo = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    upTo += counts[i];
    begin("_bucket", labels, i < bounds.size() ? written(bounds[i]) : "+Inf");
    text_.append(written(upTo)).append("\n");
  }
  begin("_sum", labels);
  text_.append(written(sum)).append("\n");
  begin("_count", labels);
  text_.append(written(upTo)).append("\n");
}

}  // namespace tenon::host
