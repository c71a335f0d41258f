#include "host/contract/release/PackageManifest.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>

#include "host/base/Limits.h"
#include "host/contract/release/PackagePath.h"

namespace tenon::host {
namespace {

constexpr std::string_view kTypeLine = "tenon-manifest 1";
constexpr std::size_t kHexDigits = 64;

Error atLine(std::size_t line, ErrorCode code, const std::string& what) {
  return Error(code, "MANIFEST line " + std::to_string(line) + ": " + what);
}
Error invalid(std::size_t line, const std::string& what) { return atLine(line, ErrorCode::FormatInvalid, what); }

// Decimal, without sign or leading zeros.
std::optional<std::uint64_t> parseNumber(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool isControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// Hands out lines; each ends in LF, the last one too.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  std::size_t number() const { return number_; }  // of the line handed out last

  Result<std::string_view> next() {
    ++number_;
    const auto end = rest_.find('\n');
    if (end == std::string_view::npos) {
      return invalid(number_, rest_.empty() ? "the text ends too early" : "the last line has no line feed");
    }
    const auto line = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return line;
  }

  // The rest of a line that must begin with `word` and one space.
  Result<std::string_view> next(std::string_view word) {
    TENON_TRY(const auto line, next());
    if (!line.starts_with(word) || line.size() <= word.size() || line[word.size()] != ' ') {
      return invalid(number_, "expected \"" + std::string(word) + " …\"");
    }
    return line.substr(word.size() + 1);
  }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

struct Header {
  Release release;
  std::uint64_t sequence, count, bytes;
};

template <class T>
Result<T> valueAt(const Lines& lines, Result<T> value) {
  if (value) return value;
  return invalid(lines.number(), value.error().message());
}

Result<Header> parseHeader(Lines& lines) {
  TENON_TRY(const auto type, lines.next());
  if (type != kTypeLine) {
    return invalid(1, "this is no \"" + std::string(kTypeLine) + "\"")
        .withHint(type.starts_with("tenon-manifest ") ? "the package was made for a newer tenon: upgrade this one" : "");
  }
  TENON_TRY(const auto serviceText, lines.next("service"));
  TENON_TRY(auto service, valueAt(lines, ServiceId::parse(serviceText)));
  TENON_TRY(const auto versionText, lines.next("version"));
  TENON_TRY(auto version, valueAt(lines, SemVer::parse(versionText)));
  TENON_TRY(const auto platformText, lines.next("platform"));
  TENON_TRY(auto platform, valueAt(lines, PlatformId::parse(platformText)));
  TENON_TRY(const auto sequenceText, lines.next("sequence"));
  const auto sequence = parseNumber(sequenceText);
  if (!sequence) return invalid(lines.number(), "the sequence is a decimal number");
  TENON_TRY(const auto filesText, lines.next("files"));
  const auto space = filesText.find(' ');
  const auto count = parseNumber(filesText.substr(0, space));
  const auto bytes = space == std::string_view::npos ? std::nullopt : parseNumber(filesText.substr(space + 1));
  if (!count || !bytes) return invalid(lines.number(), "expected \"files COUNT BYTES\"");
  if (*count > limits::kPackageEntries) {
    return atLine(lines.number(), ErrorCode::ArchiveLimit,
                  "more than " + std::to_string(limits::kPackageEntries) + " files");
  }
  if (*bytes > limits::kPackageBytes) {
    return atLine(lines.number(), ErrorCode::ArchiveLimit, "more than " + std::to_string(limits::kPackageBytes) + " bytes");
  }
  TENON_TRY(const auto blank, lines.next());
  if (!blank.empty()) return invalid(lines.number(), "expected an empty line before the files");
  return Header{{std::move(service), std::move(version), std::move(platform)}, *sequence, *count, *bytes};
}

// "<sha256> <kind> <size> <path>"
Result<ManifestFile> parseFile(std::string_view line, std::size_t number) {
  if (line.size() < kHexDigits + 6 || line[kHexDigits] != ' ' || line[kHexDigits + 2] != ' ') {
    return invalid(number, "expected \"SHA256 KIND SIZE PATH\", with one space between");
  }
  auto digest = Digest::parse(line.substr(0, kHexDigits));
  if (!digest) return invalid(number, digest.error().message());
  const char kind = line[kHexDigits + 1];
  if (kind != 'f' && kind != 'x' && kind != 'l') return invalid(number, "the kind of a file is f, x or l");
  const auto rest = line.substr(kHexDigits + 3);
  const auto space = rest.find(' ');
  const auto size = parseNumber(rest.substr(0, space));
  if (!size || space == std::string_view::npos)
    return invalid(number, "the size is a decimal number, with one space after it");
  if (*size > limits::kPackageBytes) return atLine(number, ErrorCode::ArchiveLimit, "a file larger than any package may be");
  if (kind == 'l' && (*size == 0 || *size > limits::kSymlinkTargetBytes)) {
    return invalid(number, "the target of a link is 1 to " + std::to_string(limits::kSymlinkTargetBytes) + " bytes long");
  }
  const auto path = rest.substr(space + 1);
  if (path.empty() || path.front() == ' ') return invalid(number, "expected a path after one space");
  return ManifestFile{*digest, static_cast<ManifestFile::Kind>(kind), *size, std::string(path)};
}

class FileList {
 public:
  FileList() {
    // A file that some system takes for one of these would replace it.
    for (const auto own : {kManifestName, kManifestSignatureName}) {
      if (const auto added = names_.add(own, PackagePathSet::Kind::File); !added) std::abort();
    }
  }

  Result<void> add(ManifestFile file, std::size_t line) {
    if (!files.empty() && file.path <= files.back().path) {
      return invalid(
          line, file.path == files.back().path ? "this path is listed twice" : "the paths are not sorted by their bytes");
    }
    if (file.path == kManifestName || file.path == kManifestSignatureName)
      return invalid(line, "MANIFEST does not list itself");
    if (const auto safe = checkPackagePath(file.path); !safe)
      return atLine(line, safe.error().code(), safe.error().message());
    const auto added = names_.add(file.path, PackagePathSet::Kind::File);
    if (!added) return atLine(line, added.error().code(), added.error().message());
    bytes += file.size;
    if (bytes > limits::kPackageBytes)
      return atLine(line, ErrorCode::ArchiveLimit, "the files are larger than any package may be");
    files.push_back(std::move(file));
    return {};
  }

  std::vector<ManifestFile> files;
  std::uint64_t bytes = 0;

 private:
  PackagePathSet names_;
};

// No line may hold one: told here, where it is a fault of the format and not yet of a path.
Result<void> checkControls(std::string_view text) {
  const auto found = std::find_if(text.begin(), text.end(), [](char c) { return isControl(c) && c != '\n'; });
  if (found == text.end()) return {};
  const auto line = static_cast<std::size_t>(std::count(text.begin(), found, '\n')) + 1;
  const char* what = *found == '\r'   ? "a carriage return"
                     : *found == '\t' ? "a tab"
                     : *found == '\0' ? "a NUL"
                                      : "a control character";
  return invalid(line, std::string(what) + "; lines end in LF alone, with one space between fields");
}

Result<PackageManifest> readLines(std::string_view text) {
  if (text.size() > limits::kManifestBytes) {
    return Error(ErrorCode::ArchiveLimit, "MANIFEST is larger than " + std::to_string(limits::kManifestBytes) + " bytes");
  }
  Lines lines(text);
  TENON_TRY(auto header, parseHeader(lines));
  FileList list;
  list.files.reserve(std::min<std::size_t>(header.count, text.size() / kHexDigits));
  while (!lines.done()) {
    TENON_TRY(const auto line, lines.next());
    if (list.files.size() == header.count) return invalid(lines.number(), "more files than the \"files\" line says");
    TENON_TRY(auto file, parseFile(line, lines.number()));
    TENON_CHECK(list.add(std::move(file), lines.number()));
  }
  if (list.files.size() != header.count) {
    return invalid(lines.number() + 1, "the \"files\" line says " + std::to_string(header.count) + " files, and there are " +
                                           std::to_string(list.files.size()));
  }
  if (list.bytes != header.bytes) {
    return invalid(lines.number() + 1, "the \"files\" line says " + std::to_string(header.bytes) +
                                           " bytes, and the sizes add up to " + std::to_string(list.bytes));
  }
  return PackageManifest{std::move(header.release), header.sequence, std::move(list.files)};
}

void append(std::string& text, std::initializer_list<std::string_view> parts) {
  for (const auto part : parts) text += part;
}

}  // namespace

Result<PackageManifest> PackageManifest::parse(std::string_view text) {
  auto manifest = readLines(text);
  // No field lets one through; where one is the cause, it is the better thing to say.
  if (!manifest && manifest.error().code() != ErrorCode::ArchiveLimit) TENON_CHECK(checkControls(text));
  return manifest;
}

std::string PackageManifest::text() const {
  std::string text(kTypeLine);
  constexpr std::size_t kUsualLine = 160;
  text.reserve((files.size() + 2) * kUsualLine);
  append(text, {"\nservice ", release.service.text(), "\nversion ", release.version.text(), "\nplatform ",
                release.platform.text()});
  append(text, {"\nsequence ", std::to_string(sequence), "\nfiles ", std::to_string(files.size()), " ",
                std::to_string(totalBytes()), "\n\n"});
  for (const auto& file : files) {
    const char kind[] = {' ', static_cast<char>(file.kind), ' '};
    append(text, {file.sha256.hex(), {kind, sizeof kind}, std::to_string(file.size), " ", file.path, "\n"});
  }
  return text;
}

std::uint64_t PackageManifest::totalBytes() const {
  std::uint64_t sum = 0;
  for (const auto& file : files) sum += file.size;
  return sum;
}

const ManifestFile* PackageManifest::find(std::string_view path) const {
  const auto found = std::lower_bound(files.begin(), files.end(), path,
                                      [](const ManifestFile& file, std::string_view wanted) { return file.path < wanted; });
  return found != files.end() && found->path == path ? &*found : nullptr;
}

}  // namespace tenon::host
