#include "host/observe/Metrics.h"

#include <gtest/gtest.h>

#include <limits>
#include <thread>

namespace tenon::host {
namespace {

std::string textOf(const auto& family) {
  MetricText text;
  family.write(text);
  return text.take();
}

TEST(MetricText, SaysWhatAFamilyIsBeforeItsSamples) {
  MetricText text;
  text.family({"tenon_store_bytes", MetricType::Gauge, "Files in the store."});
  text.sample("", std::uint64_t{12});
  text.family({"tenon_ages_seconds", MetricType::Counter, "Ages."});
  text.sample(metricLabels({{"a", "x"}, {"b", "y"}}), 0.25);
  EXPECT_EQ(
      text.take(),
      "# HELP tenon_store_bytes Files in the store.\n# TYPE tenon_store_bytes gauge\ntenon_store_bytes 12\n"
      "# HELP tenon_ages_seconds Ages.\n# TYPE tenon_ages_seconds counter\ntenon_ages_seconds{a=\"x\",b=\"y\"} 0.25\n");
}

TEST(MetricText, EscapesBackslashQuoteAndLineBreakInLabelsAndNothingElse) {
  EXPECT_EQ(metricLabels({{"why", "a\\b \"c\"\nd\t{}=,\u4e2d"}}), "why=\"a\\\\b \\\"c\\\"\\nd\t{}=,\u4e2d\"");
}

TEST(MetricText, WritesWholeNumbersToTheLastDigit) {
  MetricText text;
  text.family({"n", MetricType::Gauge, "N."});
  text.sample("", std::numeric_limits<std::uint64_t>::max());
  text.sample("", 0.1);
  EXPECT_TRUE(text.take().ends_with("\nn 18446744073709551615\nn 0.1\n"));
}

TEST(Counters, KeepASeriesForEachSetOfLabelsFromItsFirstZeroOn) {
  Counters counters({"n_total", MetricType::Counter, "N."});
  counters.add("a=\"1\"", 0);
  counters.add("a=\"2\"");
  counters.add("a=\"2\"", 41);
  EXPECT_EQ(textOf(counters), "# HELP n_total N.\n# TYPE n_total counter\nn_total{a=\"1\"} 0\nn_total{a=\"2\"} 42\n");
}

TEST(Histograms, CountEachValueInItsBucketAndAllAboveWithTheBoundInside) {
  Histograms histograms({"t_seconds", MetricType::Histogram, "T."}, {0.5, 1, 2.5});
  for (const double value : {0.25, 0.5, 0.75, 2.5, 100.0}) histograms.observe("a=\"b\"", value);
  EXPECT_EQ(textOf(histograms),
            "# HELP t_seconds T.\n# TYPE t_seconds histogram\n"
            "t_seconds_bucket{a=\"b\",le=\"0.5\"} 2\nt_seconds_bucket{a=\"b\",le=\"1\"} 3\n"
            "t_seconds_bucket{a=\"b\",le=\"2.5\"} 4\nt_seconds_bucket{a=\"b\",le=\"+Inf\"} 5\n"
            "t_seconds_sum{a=\"b\"} 104\nt_seconds_count{a=\"b\"} 5\n");
}

TEST(Histograms, NeedNoLabels) {
  Histograms histograms({"t_seconds", MetricType::Histogram, "T."}, {1});
  histograms.observe("", 3);
  EXPECT_TRUE(textOf(histograms)
                  .ends_with("t_seconds_bucket{le=\"1\"} 0\nt_seconds_bucket{le=\"+Inf\"} 1\n"
                             "t_seconds_sum 3\nt_seconds_count 1\n"));
}

TEST(Counters, LoseNothingWhereManyThreadsCountAndOneReads) {
  Counters counters({"n_total", MetricType::Counter, "N."});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 1000; ++n) counters.add(n % 2 ? "a=\"odd\"" : "a=\"even\"");
    });
  }
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(textOf(counters).starts_with("# HELP n_total N.\n"));
  for (auto& each : threads) each.join();
  EXPECT_TRUE(textOf(counters).ends_with("n_total{a=\"even\"} 2000\nn_total{a=\"odd\"} 2000\n"));
}

}  // namespace
}  // namespace tenon::host
