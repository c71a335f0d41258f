// A vendor's recorded answers: a folder a case, with request.json, and plan.json or problem.json. package.txt lists the
// package's files, `KIND PATH` a line: what the file is (text, script, elf-x64, elf-arm64, elf-x64-glibc-2.99, pe-x64,
// elf;… with what it is linked to, or @FILE of the case's folder) and where it lies.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/adapter/Files.h"
#include "host/conformance/Answer.h"

namespace tenon::host {

struct GoldenVector {
  std::string name;     // of its folder
  std::string request;  // with its package's place in it
  std::optional<std::string> plan, problem;
};

// Makes the case's package in `package`, which is there and empty. Errors name the file.
Result<GoldenVector> readGoldenVector(Files& files, const Path& folder, const Path& package);
// Of every folder below, by name; the packages are made below `packages`. Error: not-found where there is none.
Result<std::vector<GoldenVector>> readGoldenVectors(Files& files, const Path& folder, const Path& packages);

// How the answer differs from what is recorded, in one line; nothing where it does not.
std::optional<std::string> difference(const GoldenVector& vector, const Answer& answer);

}  // namespace tenon::host
