#include "host/runtime/InstanceRecords.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "host/adapter/AtomicFile.h"

namespace tenon::host {
namespace {

constexpr std::string_view kEnding = ".json";

// "nmt-zh-en.3.json" → {"nmt-zh-en", 3}.
std::optional<std::pair<std::string, InstanceNumber>> readName(std::string_view name) {
  if (!name.ends_with(kEnding)) return std::nullopt;
  name.remove_suffix(kEnding.size());
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  InstanceNumber number = 0;
  const char* end = name.data() + name.size();
  const auto read = std::from_chars(name.data() + dot + 1, end, number);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return std::pair(std::string(name.substr(0, dot)), number);
}

}  // namespace

InstanceRecords::InstanceRecords(Files& files, Log& log, Path folder)
    : files_(files), log_(log), folder_(std::move(folder)) {
  if (auto made = files_.makeFolders(folder_); !made) log_.error(folder_.text() + ": " + made.error().message());
}

Path InstanceRecords::path(const ServiceId& service, InstanceNumber number) const {
  return folder_ / (service.text() + "." + std::to_string(number) + std::string(kEnding));
}

void InstanceRecords::write(const InstanceRecord& record) {
  const Path file = path(record.service, record.number);
  if (auto written = replaceAtomically(files_, file, record.toJson(), true); !written) {
    log_.error("record of " + record.service.text() +
               " cannot be written, a restarted agent will not find it: " + written.error().message());
  }
}

void InstanceRecords::remove(const ServiceId& service, InstanceNumber number) {
  if (auto removed = files_.removeFile(path(service, number)); !removed) {
    log_.error("record of " + service.text() + " cannot be removed: " + removed.error().message());
  }
}

std::vector<InstanceRecord> InstanceRecords::readAll() {
  std::vector<InstanceRecord> records;
  const auto entries = files_.list(folder_);
  if (!entries) {
    log_.error("no instance can be taken up: " + entries.error().message());
    return records;
  }
  for (const FolderEntry& entry : *entries) {
    if (!readName(entry.name)) continue;
    auto record = [&]() -> Result<InstanceRecord> {
      TENON_TRY(const std::string text, files_.readAll(folder_ / entry.name, limits::kServiceJsonBytes));
      return InstanceRecord::parse(text);
    }();
    if (record && path(record->service, record->number) == folder_ / entry.name) {
      records.push_back(*std::move(record));
      continue;
    }
    log_.error(entry.name + " is no record of an instance: " + (record ? "it names another" : record.error().message()));
    if (auto removed = files_.removeFile(folder_ / entry.name); !removed) log_.error(removed.error().message());
  }
  return records;
}

std::map<std::string, InstanceNumber> InstanceRecords::highest() {
  std::map<std::string, InstanceNumber> numbers;
  const auto entries = files_.list(folder_);
  if (!entries) return numbers;
  for (const FolderEntry& entry : *entries) {
    if (const auto name = readName(entry.name)) {
      InstanceNumber& number = numbers[name->first];
      number = std::max(number, name->second);
    }
  }
  return numbers;
}

}  // namespace tenon::host
