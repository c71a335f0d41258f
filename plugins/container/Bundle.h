// The OCI bundle of a package, read and checked: rootfs/ and config.json (OCI runtime specification 1.0).
#ifndef TENON_CONTAINER_BUNDLE_H
#define TENON_CONTAINER_BUNDLE_H

#include <tenon/executable.hpp>

#include <algorithm>
#include <set>

namespace tenon::container {

// "/tmp/x/" and "/tmp//x" → "/tmp/x"; "" where it is no absolute path, or has "..".
inline std::string cleanPath(const std::string& text) {
  if (text.empty() || text.front() != '/') return "";
  std::string clean;
  for (const auto& part : detail::splitPath(text, "/")) {
    if (part == "..") return "";
    if (!part.empty() && part != ".") clean += "/" + part;
  }
  return clean.empty() ? "/" : clean;
}

struct Mount {
  std::string destination, type, source;
  std::vector<std::string> options;
  bool isBind() const {
    return type == "bind" ||
           std::any_of(options.begin(), options.end(), [](const auto& o) { return o == "bind" || o == "rbind"; });
  }
  bool has(const char* option) const { return std::find(options.begin(), options.end(), option) != options.end(); }
};

class Bundle {
 public:
  // Throws a Problem that names what is wrong with it.
  explicit Bundle(const PlanRequest& request)
      : folder_(request.exec.string("bundle").otherwise(".")),
        file_(place(request, "config.json")),
        config_(read()),
        rootfs_(place(request, rootName())) {
    if (config_.find("hooks")) throw wrong("hooks", "would run programs on the node, outside of the container");
    listRoot();
    readProcess();
    readMounts();
  }

  PackagePath rootfs() const { return rootfs_; }
  // At the top of rootfs: folders and files, which are mounted one by one; links, each with what it leads to.
  const std::set<std::string>& entries() const { return entries_; }
  const std::vector<std::pair<std::string, std::string>>& links() const { return links_; }

  const json::Value& config() const { return config_; }
  const std::vector<std::string>& args() const { return args_; }
  const std::vector<std::string>& env() const { return env_; }  // NAME=VALUE
  const std::string& cwd() const { return cwd_; }
  std::int64_t user() const { return user_; }
  std::int64_t group() const { return group_; }
  // Those of its own: what every container has (/proc, /dev, …) comes from the driver.
  const std::vector<Mount>& mounts() const { return mounts_; }

  // Of the file, for whoever finds a fault in it later.
  Problem wrong(const std::string& member, const std::string& message) const {
    return invalid("exec.bundle", file_.name() + ": " + member + " " + message);
  }

 private:
  PackagePath place(const PlanRequest& request, const std::string& name) const {
    return request.packageDir / (folder_ == "." || folder_.empty() ? name : folder_ + "/" + name);
  }

  json::Value read() const {
    if (!file_.isFile()) {
      throw invalid("exec.bundle",
                    file_.inside() ? "the package has no " + file_.name() : folder_ + " lies outside the package")
          .hint("`crun spec` and `runc spec` write one to begin with");
    }
    std::ifstream in(nativePath(file_.real()), std::ios::binary);
    std::string text(json::kMaxBytes + 1, '\0');
    in.read(&text[0], static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    auto parsed = json::parse(text);
    if (!parsed || !parsed->members()) {
      throw invalid("exec.bundle", file_.name() + " cannot be read: " + (parsed ? "it is no object" : parsed.error));
    }
    return std::move(*parsed.value);
  }

  std::string rootName() const { return Fields(config_.find("root"), "root").string("path").otherwise("rootfs"); }

  void listRoot() {
    std::error_code error;
    if (rootfs_.inside()) {
      const std::filesystem::directory_iterator all(nativePath(rootfs_.real()), error);
      for (const auto& entry : error ? std::filesystem::directory_iterator() : all) {
        const std::string name = entry.path().filename().generic_string();
        if (!entry.is_symlink()) {
          entries_.insert(name);
        } else {
          links_.emplace_back(name, std::filesystem::read_symlink(entry.path(), error).generic_string());
        }
      }
    }
    std::sort(links_.begin(), links_.end());
    if (entries_.empty()) throw wrong("root.path", "leads to no folder of the package with files: " + rootfs_.name());
  }

  void readProcess() {
    const Fields process(config_.find("process"), "process");
    args_ = process.list("args").otherwise({});
    env_ = process.list("env").otherwise({});
    cwd_ = cleanPath(process.string("cwd").otherwise("/"));
    if (cwd_.empty()) throw wrong("process.cwd", "is no absolute path");
    for (const auto& each : env_) {
      const auto end = each.find('=');
      const bool named = end != std::string::npos && end > 0 && !(each[0] >= '0' && each[0] <= '9') &&
                         std::all_of(each.begin(), each.begin() + static_cast<std::ptrdiff_t>(end), [](unsigned char c) {
                           return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
                         });
      if (!named) throw wrong("process.env", "is to be a list of NAME=VALUE, and has \"" + each + "\"");
    }
    const json::Value* object = config_.find("process");
    const Fields user(object ? object->find("user") : nullptr, "process.user");
    user_ = user.integer("uid").otherwise(0);
    group_ = user.integer("gid").otherwise(0);
  }

  void readMounts() {
    const json::Value* all = config_.find("mounts");
    if (!all || !all->items()) return;
    for (const auto& each : *all->items()) {
      const Fields fields(&each, "mounts");
      Mount mount{cleanPath(fields.string("destination").otherwise("")), fields.string("type").otherwise(""),
                  fields.string("source").otherwise(""), fields.list("options").otherwise({})};
      if (mount.destination.empty() || mount.destination == "/")
        throw wrong("mounts", "have a destination that is no absolute path");
      if (isOfEveryContainer(mount)) continue;
      requirePlaceFor(mount);
      mounts_.push_back(std::move(mount));
    }
  }
  static bool isOfEveryContainer(const Mount& mount) {
    const auto top = mount.destination.substr(0, mount.destination.find('/', 1));
    return mount.destination == "/tmp" || mount.destination == "/run" || top == "/proc" || top == "/dev" || top == "/sys";
  }
  // Packages have no empty folders, and cannot be written to: what is not there cannot be made.
  void requirePlaceFor(const Mount& mount) const {
    const auto top = mount.destination.substr(1, mount.destination.find('/', 1) - 1);
    const bool isMade = entries_.count(top) == 0 || top == "tmp" || top == "run";
    if (isMade || (rootfs_ / mount.destination.substr(1)).exists()) return;
    throw wrong("mounts", "have " + mount.destination + ", and " + rootfs_.name() + " has no such folder")
        .hint("put a file into it: a package has no empty folders");
  }

  const std::string folder_;
  const PackagePath file_;
  const json::Value config_;
  const PackagePath rootfs_;
  std::set<std::string> entries_;
  std::vector<std::pair<std::string, std::string>> links_;
  std::vector<std::string> args_, env_;
  std::string cwd_;
  std::int64_t user_ = 0, group_ = 0;
  std::vector<Mount> mounts_;
};

}  // namespace tenon::container

#endif
