#include "platform/linux/file/Where.h"

namespace tenon::platform {

Outcome checkPath(std::string_view path, std::string& checked) {
  if (path.empty() || path.front() != '/') {
    return invalid("path", "\"" + std::string(path) + "\" is no absolute path");
  }
  if (path.find('\0') != std::string_view::npos) return invalid("path", "a path holds a NUL byte");
  checked = path;
  return kDone;
}

Outcome FileAdapter::locate(tenon_folder in, std::string_view name, Where& where) const {
  if (in == 0) {
    if (auto fault = checkPath(name, where.name)) return fault;
    where.text = where.name;
    return kDone;
  }
  where.keep = folders_.find(in);
  if (!where.keep) return invalid("in", "no folder is open under handle " + std::to_string(in));
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string_view::npos ||
      name.find('\0') != std::string_view::npos) {
    return invalid("name", "\"" + std::string(name) + "\" is not one name in a folder");
  }
  where.folder = where.keep->descriptor.get();
  where.name = name;
  where.text = where.keep->text == "/" ? "/" + where.name : where.keep->text + "/" + where.name;
  return kDone;
}

}  // namespace tenon::platform
