// What `tenon doctor -o json` told of one check: "verdict: why", "" where it has no such check.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "host/base/Json.h"

namespace tenon::host {

inline std::string doctorFinding(const std::string& told, const std::string& check) {
  const auto document = Json::parse(told);
  EXPECT_TRUE(document) << told;
  if (!document) return "";
  const auto rows = document->find("checks")->array().value();
  for (const auto& row : rows) {
    if (row.stringOr("check", "").value() == check)
      return row.stringOr("verdict", "").value() + ": " + row.stringOr("why", "").value();
  }
  return "";
}

}  // namespace tenon::host
