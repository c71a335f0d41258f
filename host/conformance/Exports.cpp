// Sources: System V ABI, Elf64_Ehdr, Elf64_Shdr and Elf64_Sym; Microsoft's PE format, optional header and export directory.
#include "host/conformance/Exports.h"

#include <algorithm>
#include <cstdint>

#include "host/base/Limits.h"

namespace tenon::host {

namespace {

Error damaged(const std::string& what) {
  return Error(ErrorCode::FormatInvalid, "the library " + what + ": build it again");
}

Result<std::vector<std::string>> tooMany() {
  return Error(ErrorCode::LimitExceeded,
               "the library exports more than " + std::to_string(limits::kExportedSymbols) + " symbols");
}

// A file's bytes; what lies past its end is 0 and "".
class Bytes {
 public:
  explicit Bytes(std::string_view all) : all_(all) {}

  std::uint64_t number(std::uint64_t at, unsigned bytes) const {
    std::uint64_t value = 0;
    for (unsigned i = bytes; i-- > 0;) {
      const bool there = at < all_.size() && i < all_.size() - at;
      value = value << 8 | (there ? static_cast<unsigned char>(all_[static_cast<std::size_t>(at + i)]) : 0u);
    }
    return value;
  }
  std::string text(std::uint64_t at) const {
    if (at >= all_.size()) return "";
    const std::string_view rest = all_.substr(static_cast<std::size_t>(at));
    return std::string(rest.substr(0, std::min<std::size_t>(rest.find('\0'), kNameBytes)));
  }
  bool holds(std::uint64_t at, std::uint64_t bytes) const { return at <= all_.size() && bytes <= all_.size() - at; }

 private:
  static constexpr std::size_t kNameBytes = 512;  // names of templates are long; what is more says no more
  const std::string_view all_;
};

bool isShown(const Bytes& file, std::uint64_t symbol) {
  constexpr std::uint64_t kUndefined = 0, kAbsolute = 0xFFF1;  // absolute: names of versions
  constexpr std::uint64_t kLocal = 0, kInternal = 1, kHidden = 2;
  const std::uint64_t info = file.number(symbol + 4, 1), visibility = file.number(symbol + 5, 1) & 3,
                      section = file.number(symbol + 6, 2);
  return section != kUndefined && section != kAbsolute && info >> 4 != kLocal && visibility != kInternal &&
         visibility != kHidden;
}

Result<std::vector<std::string>> ofElf(const Bytes& file) {
  constexpr std::uint64_t kDynamicSymbols = 11, kSymbolBytes = 24, kSectionBytes = 64;
  const std::uint64_t table = file.number(0x28, 8), count = file.number(0x3C, 2);
  if (!file.holds(table, count * kSectionBytes)) return damaged("is cut short");
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t section = table + i * kSectionBytes;
    if (file.number(section + 4, 4) != kDynamicSymbols) continue;
    const std::uint64_t begin = file.number(section + 24, 8), size = file.number(section + 32, 8);
    const std::uint64_t strings = file.number(table + file.number(section + 40, 4) * kSectionBytes + 24, 8);
    if (!file.holds(begin, size)) return damaged("is cut short");
    std::vector<std::string> names;
    for (std::uint64_t symbol = begin; symbol - begin < size; symbol += kSymbolBytes) {
      if (!isShown(file, symbol)) continue;
      if (names.size() == limits::kExportedSymbols) return tooMany();
      names.push_back(file.text(strings + file.number(symbol, 4)));
    }
    return names;
  }
  return damaged("has no table of dynamic symbols");
}

// Where what is loaded at an address lies in the file; 0 where nothing is.
std::uint64_t offsetOf(const Bytes& file, std::uint64_t header, std::uint64_t address) {
  constexpr std::uint64_t kHeaderBytes = 20, kSectionBytes = 40;
  const std::uint64_t count = file.number(header + 2, 2), table = header + kHeaderBytes + file.number(header + 16, 2);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t section = table + i * kSectionBytes, begin = file.number(section + 12, 4);
    if (address >= begin && address - begin < file.number(section + 16, 4)) {
      return file.number(section + 20, 4) + (address - begin);
    }
  }
  return 0;
}

Result<std::vector<std::string>> ofPe(const Bytes& file) {
  constexpr std::uint64_t kHeaderBytes = 20, kPe32Plus = 0x20B;
  const std::uint64_t header = file.number(0x3C, 4) + 4, optional = header + kHeaderBytes;
  if (file.number(optional, 2) != kPe32Plus) return damaged("is no 64-bit PE file");
  std::vector<std::string> names;
  const std::uint64_t address = file.number(optional + 112, 4);
  if (address == 0) return names;
  const std::uint64_t directory = offsetOf(file, header, address);
  const std::uint64_t functions = file.number(directory + 20, 4), named = file.number(directory + 24, 4);
  const auto table = [&](std::uint64_t at) { return offsetOf(file, header, file.number(directory + at, 4)); };
  const std::uint64_t addresses = table(28), texts = table(32), numbers = table(36);
  if (functions > limits::kExportedSymbols || named > limits::kExportedSymbols) return tooMany();
  if (directory == 0 || !file.holds(addresses, functions * 4) || !file.holds(texts, named * 4) ||
      !file.holds(numbers, named * 2)) {
    return damaged("is cut short");
  }
  std::vector<bool> numbered(functions);  // an address of 0: a number that nothing has
  for (std::uint64_t i = 0; i < functions; ++i) numbered[i] = file.number(addresses + i * 4, 4) != 0;
  for (std::uint64_t i = 0; i < named; ++i) {
    names.push_back(file.text(offsetOf(file, header, file.number(texts + i * 4, 4))));
    const std::uint64_t number = file.number(numbers + i * 2, 2);
    if (number < functions) numbered[number] = false;
  }
  names.resize(names.size() + static_cast<std::size_t>(std::count(numbered.begin(), numbered.end(), true)),
               "one by its number alone");
  return names;
}

}  // namespace

Result<std::vector<std::string>> exportedSymbols(std::string_view library) {
  constexpr std::string_view kElf64(
      "\x7F"
      "ELF\x02\x01",
      6),
      kDos = "MZ";
  const Bytes file(library);
  auto names = library.starts_with(kElf64) ? ofElf(file)
               : library.starts_with(kDos) ? ofPe(file)
                                           : Result<std::vector<std::string>>(damaged("is neither 64-bit ELF nor PE"));
  if (names) std::sort(names->begin(), names->end());
  return names;
}

}  // namespace tenon::host
