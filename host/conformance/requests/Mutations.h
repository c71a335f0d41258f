// Documents that a driver should never be given, and must survive: made of good ones by chance, the same for the same seed
// on every machine. One thread.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tenon/json.hpp"

namespace tenon::host {

class Mutations {
 public:
  // `bases` is not empty; each is a document that can be read.
  Mutations(const std::vector<std::string>& bases, std::uint64_t seed);
  std::string next();

 private:
  std::uint64_t below(std::uint64_t count) { return random_() % count; }
  json::Value odd();
  json::Value withOneChanged(const json::Value& value, std::uint64_t& before);
  void changeBytes(std::string& text);

  std::vector<json::Value> bases_;
  std::mt19937_64 random_;
};

}  // namespace tenon::host
