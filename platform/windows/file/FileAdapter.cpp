#include "platform/windows/file/FileAdapter.h"

#include <winternl.h>

#include <algorithm>

namespace tenon::platform {

namespace {

constexpr std::uint64_t kMostACall = 1u << 30;  // the count of ReadFile and WriteFile is 32 bits wide

OVERLAPPED positionOf(std::uint64_t offset) {
  OVERLAPPED position = {};
  position.Offset = static_cast<DWORD>(offset);
  position.OffsetHigh = static_cast<DWORD>(offset >> 32);
  return position;
}

// Links and devices are not what the caller means by a file.
Outcome requireRegular(const Handle& file, const std::string& doing, std::uint64_t& size, bool& reparsed) {
  DWORD attributes = 0;
  if (const DWORD error = attributesOf(file.get(), attributes)) return osFault(doing, error);
  if (isLink(file.get(), attributes)) return Fault{TENON_DENIED, doing + ": it is a link", "denied"};
  if (::GetFileType(file.get()) != FILE_TYPE_DISK) return Fault{TENON_DENIED, doing + ": it is no regular file", "denied"};
  LARGE_INTEGER length = {};
  if (!::GetFileSizeEx(file.get(), &length)) return osFault(doing, ::GetLastError());
  size = static_cast<std::uint64_t>(length.QuadPart);
  reparsed = (attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
  return kDone;
}

Fault noFile(tenon_file file) { return invalid("file", "no file is open under handle " + std::to_string(file)); }

}  // namespace

Outcome FileAdapter::locate(tenon_folder in, std::string_view name, Where& where) const {
  if (in == 0) {
    NativePath path;
    if (auto fault = checkPath(name, path)) return fault;
    where.name = std::move(path.wide);
    where.text = std::move(path.text);
    return kDone;
  }
  where.keep = folders_.find(in);
  if (!where.keep) return invalid("in", "no folder is open under handle " + std::to_string(in));
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string_view::npos) {
    return invalid("name", "\"" + std::string(name) + "\" is not one name in a folder");
  }
  if (auto fault = checkName(name, where.name)) return fault;
  where.text = where.keep->text + "/" + std::string(name);
  return kDone;
}

Outcome FileAdapter::ownerOnly(bool wanted, const std::string& doing, void*& descriptor) const {
  descriptor = wanted ? ownerOnly_.descriptor() : nullptr;
  if (wanted && !descriptor) return osFault(doing + ": keep it for its owner", ownerOnly_.error());
  return kDone;
}

Outcome FileAdapter::create(tenon_folder in, std::string_view name, std::uint32_t flags, tenon_file& file) {
  Where where;
  if (auto fault = locate(in, name, where)) return fault;
  const std::string doing = "create " + where.text;
  auto open = std::make_shared<OpenFile>();
  open->append = (flags & TENON_CREATE_APPEND) != 0;
  open->writes = true;
  // With this right alone every write goes to the end, wherever that is by then.
  const ACCESS_MASK access = open->append ? FILE_APPEND_DATA : FILE_WRITE_DATA;
  OpenHow how{access, static_cast<ULONG>(open->append ? FILE_OPEN_IF : FILE_CREATE), FILE_NON_DIRECTORY_FILE};
  if (auto fault = ownerOnly((flags & TENON_CREATE_PRIVATE) != 0, doing, how.security)) return fault;
  if (const DWORD error = openAt(where, how, open->handle)) return osFault(doing, error);
  std::uint64_t size = 0;
  bool reparsed = false;
  if (open->append) {
    if (auto fault = requireRegular(open->handle, doing, size, reparsed)) return fault;
  }
  open->text = std::move(where.text);
  file = files_.add(std::move(open));
  return kDone;
}

Outcome FileAdapter::open(std::string_view path, tenon_file& file, std::uint64_t& size) {
  NativePath native;
  if (auto fault = checkPath(path, native)) return fault;
  const std::string doing = "open " + native.text;
  auto open = std::make_shared<OpenFile>();
  if (const DWORD error = openAt(native, {FILE_READ_DATA, FILE_OPEN, FILE_NON_DIRECTORY_FILE}, open->handle)) {
    return osFault(doing, error);
  }
  bool reparsed = false;
  if (auto fault = requireRegular(open->handle, doing, size, reparsed)) return fault;
  if (reparsed) {  // compressed or in a cloud: its filter gives the content only to those who do not ask for the raw form
    constexpr DWORD kShare = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    open->handle = Handle(::CreateFileW(native.wide.c_str(), GENERIC_READ, kShare, nullptr, OPEN_EXISTING, 0, nullptr));
    if (!open->handle) return osFault(doing, ::GetLastError());
  }
  open->text = native.text;
  file = files_.add(std::move(open));
  return kDone;
}

Outcome FileAdapter::write(tenon_file file, std::uint64_t offset, std::string_view bytes) {
  const auto open = files_.find(file);
  if (!open) return noFile(file);
  constexpr std::uint64_t kEnd = ~std::uint64_t{0};  // WriteFile: to the end
  while (!bytes.empty()) {
    OVERLAPPED position = positionOf(open->append ? kEnd : offset);
    DWORD put = 0;
    const auto count = static_cast<DWORD>(std::min<std::uint64_t>(bytes.size(), kMostACall));
    if (!::WriteFile(open->handle.get(), bytes.data(), count, &put, &position)) {
      return osFault("write " + open->text, ::GetLastError());
    }
    bytes.remove_prefix(put);
    offset += put;
  }
  return kDone;
}

Outcome FileAdapter::read(tenon_file file, std::uint64_t offset, char* into, std::uint64_t count, std::uint64_t& got) {
  got = 0;
  const auto open = files_.find(file);
  if (!open) return noFile(file);
  while (got < count) {
    OVERLAPPED position = positionOf(offset + got);
    DWORD part = 0;
    if (!::ReadFile(open->handle.get(), into + got, static_cast<DWORD>(std::min(count - got, kMostACall)), &part,
                    &position)) {
      if (::GetLastError() == ERROR_HANDLE_EOF) break;
      return osFault("read " + open->text, ::GetLastError());
    }
    if (part == 0) break;
    got += part;
  }
  return kDone;
}

Outcome FileAdapter::syncFile(tenon_file file) {
  const auto open = files_.find(file);
  if (!open) return noFile(file);
  if (!::FlushFileBuffers(open->handle.get())) return osFault("sync " + open->text, ::GetLastError());
  return kDone;
}

void FileAdapter::closeFile(tenon_file file) {
  const auto open = files_.take(file);
  if (open && open->writes) writeOutForBarriers(*open);
}

}  // namespace tenon::platform
