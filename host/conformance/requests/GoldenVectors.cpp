#include "host/conformance/requests/GoldenVectors.h"

#include <algorithm>
#include <sstream>

#include "host/base/Json.h"
#include "host/base/Limits.h"
#include "host/base/Log.h"
#include "host/base/Text.h"
#include "host/conformance/requests/ExecutableBytes.h"
#include "host/conformance/requests/Parsed.h"
#include "host/contract/release/PackagePath.h"

namespace tenon::host {

namespace {

constexpr std::string_view kPlace = "@PACKAGE@";

// Nothing where the file is not there.
Result<std::optional<std::string>> readIfThere(Files& files, const Path& path) {
  if (!files.exists(path)) return std::optional<std::string>();
  TENON_TRY(auto text, files.readAll(path, limits::kGoldenFileBytes));
  return std::optional(std::move(text));
}

// "elf;machine=183;loader=/lib/ld.so;needs=liba.so,libb.so;runpath=$ORIGIN": what it is linked to.
std::string linkingElf(const std::string& kind) {
  ElfLinks links;
  std::istringstream parts(kind);
  for (std::string part; std::getline(parts, part, ';');) {
    const auto at = part.find('=');
    const std::string name = part.substr(0, at), value = at == std::string::npos ? "" : part.substr(at + 1);
    if (name == "machine") links.machine = static_cast<unsigned>(wholeNumber(value).value_or(0));
    if (name == "loader") links.loader = value;
    if (name == "runpath") links.runpath = value;
    std::istringstream needs(name == "needs" ? value : "");
    for (std::string library; std::getline(needs, library, ',');) links.needed.push_back(library);
  }
  return elfBytesLinking(links);
}

Result<std::string> contentOf(Files& files, const Path& folder, const std::string& kind) {
  constexpr unsigned kElfX64 = 62, kElfArm64 = 183, kPeX64 = 0x8664;
  if (kind == "text") return std::string("text\n");
  if (kind == "script") return std::string("#!/bin/sh\n");
  if (kind == "elf-x64") return elfBytes(kElfX64);
  if (kind == "elf-arm64") return elfBytes(kElfArm64);
  if (kind == "elf-x64-glibc-2.99") return elfBytesNeeding("2.99");
  if (kind == "pe-x64") return peBytes(kPeX64);
  if (kind.starts_with("elf;")) return linkingElf(kind);
  if (kind.front() == '@') {
    TENON_CHECK(checkPackagePath(kind.substr(1)));
    return files.readAll(folder / kind.substr(1), limits::kGoldenFileBytes);
  }
  return Error(ErrorCode::FormatInvalid, (folder / "package.txt").text() + " names an unknown kind of file: " + kind)
      .withHint("tenon explain golden-vectors, docs/conformance.md");
}

Result<void> makePackage(Files& files, const Path& folder, const Path& package) {
  TENON_TRY(const auto list, readIfThere(files, folder / "package.txt"));
  std::istringstream lines(list.value_or(""));
  for (std::string kind, path; lines >> kind >> path;) {
    TENON_CHECK(checkPackagePath(path));
    TENON_TRY(const auto content, contentOf(files, folder, kind));
    TENON_CHECK(files.makeFolders((package / path).parent()));
    TENON_TRY(auto file, WriteFile::create(files, 0, (package / path).text()));
    TENON_CHECK(file.append(content));
  }
  return {};
}

std::string textOf(const json::Value& document, std::string_view member) {
  const json::Value* value = document.find(member);
  return value && value->string() ? *value->string() : "";
}

std::optional<std::string> differentProblem(const std::string& recorded, const Answer& answer) {
  const json::Value expected = parsed(recorded);
  if (answer.code == TENON_OK) return std::string("it planned what is recorded as refused");
  const json::Value* code = expected.find("code");
  if (code && code->integer() != std::optional<std::int64_t>(answer.code)) {
    return "it returned code " + std::to_string(answer.code) + ", recorded is " + code->text();
  }
  for (const auto& [theirs, mine] : {std::pair{"message", "message"}, {"field", "field"}, {"error_code", "code"}}) {
    const std::string want = textOf(expected, theirs), have = answer.told(mine);
    if (want != have) {
      return "its " + std::string(theirs) + " is \"" + escapeControls(have) + "\", recorded is \"" + escapeControls(want) +
             "\"";
    }
  }
  return std::nullopt;
}

// The order of an object's members says nothing.
bool isSame(const json::Value& one, const json::Value& other) {
  if (one.items() && other.items()) {
    return std::equal(one.items()->begin(), one.items()->end(), other.items()->begin(), other.items()->end(), isSame);
  }
  if (!one.members() || !other.members()) return one == other;
  return one.members()->size() == other.members()->size() &&
         std::all_of(one.members()->begin(), one.members()->end(), [&](const auto& member) {
           const json::Value* same = other.find(member.first);
           return same && isSame(member.second, *same);
         });
}

// The first member that differs.
std::optional<std::string> differentPlan(const json::Value& recorded, const json::Value& given) {
  if (!recorded.members() || !given.members()) return std::string("its plan is no object, or what is recorded is none");
  for (const auto& [key, value] : *recorded.members()) {
    const json::Value* mine = given.find(key);
    if (mine && isSame(*mine, value)) continue;
    return "its " + key + " is " + (mine ? escapeControls(mine->text()) : "missing") + ", recorded is " +
           escapeControls(value.text());
  }
  for (const auto& member : *given.members()) {
    if (!recorded.find(member.first)) return "it has a member " + escapeControls(member.first) + " that is not recorded";
  }
  return std::nullopt;
}

}  // namespace

Result<GoldenVector> readGoldenVector(Files& files, const Path& folder, const Path& package) {
  GoldenVector vector;
  vector.name = folder.name();
  TENON_CHECK(makePackage(files, folder, package));
  TENON_TRY(std::string request, files.readAll(folder / "request.json", limits::kGoldenFileBytes));
  vector.request = replacedAll(std::move(request), kPlace, package.text());
  TENON_TRY(vector.plan, readIfThere(files, folder / "plan.json"));
  TENON_TRY(vector.problem, readIfThere(files, folder / "problem.json"));
  const std::string& recorded = vector.plan ? *vector.plan : vector.problem.value_or("");
  if (vector.plan.has_value() == vector.problem.has_value() || !Json::parse(recorded)) {
    return Error(ErrorCode::FormatInvalid, folder.text() + " has to hold either a plan.json or a problem.json, as JSON");
  }
  return vector;
}

Result<std::vector<GoldenVector>> readGoldenVectors(Files& files, const Path& folder, const Path& packages) {
  std::vector<GoldenVector> vectors;
  TENON_TRY(const auto entries, files.list(folder));
  for (const auto& entry : entries) {
    if (entry.kind != FileKind::Folder) continue;
    if (vectors.size() == limits::kGoldenVectors) {
      return Error(ErrorCode::LimitExceeded,
                   folder.text() + " holds more than " + std::to_string(limits::kGoldenVectors) + " cases");
    }
    const Path package = packages / entry.name;
    TENON_CHECK(files.makeFolders(package));
    TENON_TRY(auto vector, readGoldenVector(files, folder / entry.name, package));
    vectors.push_back(std::move(vector));
  }
  if (vectors.empty()) {
    return Error(ErrorCode::NotFound, folder.text() + " holds no folder with a request.json and its answer");
  }
  return vectors;
}

std::optional<std::string> difference(const GoldenVector& vector, const Answer& answer) {
  if (vector.problem) return differentProblem(*vector.problem, answer);
  if (answer.code != TENON_OK) return "it refused what is recorded as planned: " + answer.shown();
  return differentPlan(parsed(*vector.plan), parsed(answer.document));
}

}  // namespace tenon::host
