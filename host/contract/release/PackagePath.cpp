#include "host/contract/release/PackagePath.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <utility>

#include "host/base/Limits.h"

namespace tenon::host {
namespace {

const utf8proc_uint8_t* bytesOf(std::string_view text) {
  return reinterpret_cast<const utf8proc_uint8_t*>(text.data());  // the library's own spelling of char
}

// What a byte means in a path; a whole path is looked through once, by or-ing them.
constexpr unsigned kRefused = 1, kWide = 2, kUpper = 4, kSlash = 8;

constexpr std::array<unsigned char, 256> makeByteFlags() {
  std::array<unsigned char, 256> flags{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    if (byte < 0x20 || byte == 0x7f) flags[byte] = kRefused;
    if (byte >= 0x80) flags[byte] = kWide;
    if (byte >= 'A' && byte <= 'Z') flags[byte] = kUpper;
  }
  for (const char c : std::string_view("\\:<>\"|?*")) flags[static_cast<unsigned char>(c)] = kRefused;
  flags['/'] = kSlash;
  return flags;
}
constexpr auto kByteFlags = makeByteFlags();

bool isRefused(char c) { return (kByteFlags[static_cast<unsigned char>(c)] & kRefused) != 0; }

unsigned flagsOf(std::string_view text) {
  unsigned flags = 0;
  for (const char c : text) flags |= kByteFlags[static_cast<unsigned char>(c)];
  return flags;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

Error unsafe(std::string_view path, const std::string& why) {
  return Error(ErrorCode::PathUnsafe, "\"" + shownName(path) + "\": " + why);
}

std::string refusedByte(char c) {
  if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "a control character in a name";
  if (c == '\\') return "a backslash in a name; parts are separated by '/'";
  if (c == ':') return "a colon in a name means a drive or a stream on Windows";
  return std::string("Windows allows no ") + c + " in a name";
}

// Unicode text through utf8proc; nothing where it is not valid UTF-8.
std::optional<std::string> mapped(std::string_view text, int options) {
  utf8proc_uint8_t* out = nullptr;
  const auto length =
      utf8proc_map(bytesOf(text), static_cast<utf8proc_ssize_t>(text.size()), &out, static_cast<utf8proc_option_t>(options));
  if (length < 0) return std::nullopt;
  std::string result(reinterpret_cast<const char*>(out), static_cast<std::size_t>(length));
  std::free(out);  // utf8proc_map's contract
  return result;
}

// Characters that are invisible, break lines or turn the direction of text: two names that look alike would differ.
bool isMisleading(utf8proc_int32_t c) {
  const auto category = utf8proc_category(c);
  if (category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP) return true;
  return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200b || c == 0x200e || c == 0x200f ||
         c == 0xfeff;
}

// nullptr, or what is wrong with a path that is not plain ASCII.
const char* faultOfUnicode(std::string_view path) {
  for (auto rest = path; !rest.empty();) {
    utf8proc_int32_t c = 0;
    const auto length = utf8proc_iterate(bytesOf(rest), static_cast<utf8proc_ssize_t>(rest.size()), &c);
    if (length <= 0) return "it is not UTF-8";
    if (isMisleading(c)) return "a control, invisible or direction character in a name";
    rest.remove_prefix(static_cast<std::size_t>(length));
  }
  const auto composed = mapped(path, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  if (!composed) return "it is not UTF-8";
  return *composed == path ? nullptr : "it is not in Unicode's composed form (NFC)";
}

// nullptr, or what is wrong with one part. Its bytes are known to be allowed.
const char* faultOfPart(std::string_view part) {
  if (part.empty()) return "an empty part";
  if (part == "." || part == "..") return "\".\" and \"..\" are no names";
  if (part.size() > limits::kPathPartBytes) return "a part longer than 255 bytes";
  if (part.back() == '.') return "a name that ends in a dot, which Windows drops";
  if (part.back() == ' ' || part.front() == ' ') return "a name that begins or ends with a space";
  return isReservedOnWindows(part) ? "a name that Windows reserves" : nullptr;
}

// How a file system that ignores case, composition and invisible characters sees a name.
std::string folded(std::string_view name) {
  const unsigned flags = flagsOf(name);
  if (flags & kWide) {
    constexpr int kOptions = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
    if (auto text = mapped(name, kOptions)) return *std::move(text);
  }
  std::string text(name);
  if (flags & kUpper) std::transform(text.begin(), text.end(), text.begin(), lower);
  return text;
}

std::string_view parentOf(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

}  // namespace

std::string shownName(std::string_view name) {
  constexpr std::size_t kShownBytes = 200;
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (auto rest = name; !rest.empty();) {
    if (out.size() >= kShownBytes) return out + "...";
    utf8proc_int32_t c = 0;
    const auto length = utf8proc_iterate(bytesOf(rest), static_cast<utf8proc_ssize_t>(rest.size()), &c);
    if (length > 0 && !isMisleading(c)) {
      out += rest.substr(0, static_cast<std::size_t>(length));
      rest.remove_prefix(static_cast<std::size_t>(length));
      continue;
    }
    const auto byte = static_cast<unsigned char>(rest.front());
    ((out += "\\x") += kDigits[byte >> 4]) += kDigits[byte & 0x0f];
    rest.remove_prefix(1);
  }
  return out;
}

bool isReservedOnWindows(std::string_view part) {
  // Most names are none, and tell by their first two letters.
  if (part.size() < 3) return false;
  constexpr std::array<std::string_view, 6> kBeginnings{"co", "cl", "pr", "au", "nu", "lp"};
  const std::array<char, 2> first{lower(part[0]), lower(part[1])};
  if (std::none_of(kBeginnings.begin(), kBeginnings.end(),
                   [&](auto each) { return each[0] == first[0] && each[1] == first[1]; })) {
    return false;
  }
  // "NUL .txt" is NUL too: what counts ends at the first dot, and blanks before it are dropped.
  auto base = part.substr(0, part.find('.'));
  while (base.ends_with(' ')) base.remove_suffix(1);
  if (base.size() < 3 || base.size() > 7) return false;
  std::string name(base);
  std::transform(name.begin(), name.end(), name.begin(), lower);
  constexpr std::array<std::string_view, 7> kDevices{"con", "prn", "aux", "nul", "conin$", "conout$", "clock$"};
  if (std::find(kDevices.begin(), kDevices.end(), name) != kDevices.end()) return true;
  if (!name.starts_with("com") && !name.starts_with("lpt")) return false;
  const auto digit = std::string_view(name).substr(3);
  // Windows takes superscript digits of Latin-1 for digits (learn.microsoft.com, "Naming Files, Paths, and Namespaces").
  return (digit.size() == 1 && digit[0] >= '0' && digit[0] <= '9') || digit == "\u00b9" || digit == "\u00b2" ||
         digit == "\u00b3";
}

Result<void> checkPackagePath(std::string_view path) {
  if (path.empty()) return unsafe(path, "an empty path");
  if (path.size() > limits::kPathBytes) return unsafe(path, "longer than " + std::to_string(limits::kPathBytes) + " bytes");
  if (path.front() == '/') return unsafe(path, "an absolute path");
  unsigned flags = 0;
  std::size_t begin = 0, parts = 0;
  for (std::size_t i = 0; i <= path.size(); ++i) {
    const unsigned flag = i == path.size() ? kSlash : kByteFlags[static_cast<unsigned char>(path[i])];
    flags |= flag;
    if ((flag & (kSlash | kRefused)) == 0) continue;
    if (flag & kRefused) return unsafe(path, refusedByte(path[i]));
    if (const char* why = faultOfPart(path.substr(begin, i - begin))) return unsafe(path, why);
    if (++parts > limits::kPathDepth) return unsafe(path, "deeper than " + std::to_string(limits::kPathDepth) + " parts");
    begin = i + 1;
  }
  if (const char* why = flags & kWide ? faultOfUnicode(path) : nullptr) return unsafe(path, why);
  return {};
}

Result<void> checkSymlinkTarget(std::string_view path, std::string_view target) {
  const auto refuse = [&](const std::string& why) {
    return unsafe(path, "its link target \"" + shownName(target) + "\": " + why);
  };
  if (target.empty()) return refuse("empty");
  if (target.size() > limits::kSymlinkTargetBytes) return refuse("too long");
  if (target.front() == '/') return refuse("absolute");
  const unsigned flags = flagsOf(target);
  if (flags & kRefused) return refuse(refusedByte(*std::find_if(target.begin(), target.end(), isRefused)));
  auto depth = std::count(path.begin(), path.end(), '/');  // of the folder that holds the link
  bool named = false;
  for (auto rest = target;;) {
    const auto slash = rest.find('/');
    const auto part = rest.substr(0, slash);
    if (part == "..") {
      // After a name that is itself a link, the real parent may be another than the lexical one.
      if (named) return refuse("\"..\" after a name");
      if (--depth < 0) return refuse("it leaves the package");
    } else if (part != ".") {
      if (const char* why = faultOfPart(part)) return refuse(why);
      named = true;
    }
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  if (const char* why = flags & kWide ? faultOfUnicode(target) : nullptr) return refuse(why);
  return {};
}

Result<std::uint32_t> PackagePathSet::addFolder(std::string_view path, std::uint32_t parent, bool listed) {
  const auto name = path.substr(path.rfind('/') + 1);
  Entries::key_type key(parent, folded(name));
  const auto found = entries_.find(key);
  if (found == entries_.end()) {
    auto spelling = key.second == name ? nullptr : std::make_unique<std::string>(name);
    last_ = entries_.emplace(std::move(key), Entry{++folders_, listed, std::move(spelling)}).first;
    return folders_;
  }
  Entry& entry = found->second;
  if (entry.folder == 0) return unsafe(path, "a folder here, and a file of that name elsewhere");
  const std::string& spelling = entry.spelling ? *entry.spelling : found->first.second;
  if (spelling != name)
    return unsafe(path, "a folder that differs from another, \"" + shownName(spelling) + "\", only in case");
  if (entry.listed && listed) return unsafe(path, "listed twice");
  entry.listed = entry.listed || listed;
  return entry.folder;
}

// The number of the folder that `path` is in. Only those that the last path was not in are looked up.
Result<std::uint32_t> PackagePathSet::folderOf(std::string_view path) {
  const auto folder = parentOf(path);
  const auto known = [&](const Step& step) {
    return step.end <= folder.size() && (step.end == folder.size() || folder[step.end] == '/') &&
           folder.substr(0, step.end) == std::string_view(lastFolder_).substr(0, step.end);
  };
  while (!lastSteps_.empty() && !known(lastSteps_.back())) lastSteps_.pop_back();
  lastFolder_ = folder;
  auto at = lastSteps_.empty() ? Step{0, 0} : lastSteps_.back();
  while (at.end < folder.size()) {
    const auto slash = folder.find('/', at.end + 1);
    at.end = slash == std::string_view::npos ? folder.size() : slash;
    TENON_TRY(at.number, addFolder(folder.substr(0, at.end), at.number, false));
    lastSteps_.push_back(at);
  }
  return at.number;
}

Result<void> PackagePathSet::add(std::string_view path, Kind kind) {
  TENON_TRY(const auto folder, folderOf(path));
  if (kind == Kind::Folder) {
    TENON_CHECK(addFolder(path, folder, true));
    return {};
  }
  const auto before = entries_.size();
  const auto name = path.substr(path.rfind('/') + 1);
  last_ = entries_.emplace_hint(last_, Entries::key_type(folder, folded(name)), Entry{0, true, nullptr});
  if (entries_.size() != before) return {};
  return unsafe(path, last_->second.folder != 0 ? "a file here, and a folder of that name elsewhere"
                                                : "listed twice, or another differs from it only in case or composition");
}

}  // namespace tenon::host
