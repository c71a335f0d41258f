// exec type "node": a JavaScript program of the package, on the Node.js that the package carries in runtime/node/, else on
// the node's where the node allows that.
#include <tenon/runtime.hpp>

#include <fstream>

namespace {

// A small file of the package or of the machine; "" where it is not there or larger than that.
std::string contentOf(const std::filesystem::path& path) {
  constexpr std::size_t kMost = 1 << 20;
  std::ifstream in(path, std::ios::binary);
  std::string text(kMost + 1, '\0');
  in.read(&text[0], static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text.size() > kMost ? "" : text;
}

struct Node {
  void fingerprint(tenon::Fingerprint& f) { tenon::findOnNode(f, "node", {"node", "nodejs"}, versionBeside); }

  tenon::LaunchPlan plan(const tenon::PlanRequest& r) {
    r.requireType("node");
    tenon::LaunchPlan plan;
    plan.program(program(r)).args(r.exec.list("node_args")).arg(what(r));
    return plan.args(r.exec.list("args"))
        .cwd(r.exec.string("cwd"))
        .env("NODE_ENV", "production")
        .exitCode(1, "Node.js ended with an uncaught exception: its stack is in the log")
        .exitCode(9, "Node.js did not understand one of exec.node_args")
        .exitCode(13, "the program waits, at its top level, for what will never come");
  }

 private:
  // From the headers that Node's own archives have beside it.
  static std::string versionBeside(const std::filesystem::path& program) {
    const std::string text = contentOf(program.parent_path().parent_path() / "include/node/node_version.h");
    std::string version;
    for (const std::string part : {"MAJOR", "MINOR", "PATCH"}) {
      const std::string name = "#define NODE_" + part + "_VERSION ";
      const auto at = text.find(name);
      if (at == std::string::npos) return "";
      const auto begin = at + name.size(), end = text.find_first_not_of("0123456789", begin);
      version += (version.empty() ? "" : ".") + text.substr(begin, end - begin);
    }
    return version;
  }

  static tenon::Text program(const tenon::PlanRequest& r) {
    // Node's archive for Windows has it at the top, npm's package in bin/.
    const std::vector<std::string> programs =
        r.onWindows() ? std::vector<std::string>{"node.exe", "bin/node.exe"} : std::vector<std::string>{"bin/node"};
    const tenon::Runtime runtime{"Node.js", "node", "node", programs, false};
    if (const auto own = carriedRuntime(r, runtime)) return *own;
    return nodesRuntime(r, runtime);
  }

  static tenon::PackagePath what(const tenon::PlanRequest& r) {
    if (const auto entry = r.exec.string("entry")) return requireFile(r, *entry, "exec.entry");
    if (const auto entry = r.entrypoint.otherwise(""); !entry.empty()) return requireFile(r, entry, "entrypoint");
    for (const std::string folder : {"", "app/"}) {
      const auto file = r.packageDir / (folder + "package.json");
      if (file.isFile()) return mainOf(r, file, folder);
    }
    throw tenon::invalid("exec.entry", "name the .js file to run, or pack a package.json that does");
  }

  // As npm reads it: the only program of "bin", else "main", else index.js; an ending may be missing.
  static tenon::PackagePath mainOf(const tenon::PlanRequest& r, const tenon::PackagePath& file, const std::string& folder) {
    const auto parsed = tenon::json::parse(contentOf(tenon::nativePath(file.real())));
    if (!parsed || !parsed->members()) {
      throw tenon::invalid("exec.entry", file.name() + " cannot be read: " + (parsed ? "it is no object" : parsed.error));
    }
    const std::string name = programIn(*parsed, file);
    for (const std::string ending : {"", ".js", "/index.js"}) {
      const auto found = r.packageDir / (folder + name + ending);
      if (found.isFile()) return found;
    }
    throw tenon::invalid("exec.entry", file.name() + " names " + name + ", and the package has no such file");
  }

  static std::string programIn(const tenon::json::Value& package, const tenon::PackagePath& file) {
    const auto* bin = package.find("bin");
    if (bin && bin->string()) return *bin->string();
    if (bin && bin->members() && !bin->members()->empty()) {
      if (bin->members()->size() > 1) {
        throw tenon::invalid("exec.entry", file.name() + " names more than one program: say which one to run");
      }
      if (const auto* only = bin->members()->front().second.string()) return *only;
    }
    const auto* main = package.find("main");
    return main && main->string() ? *main->string() : "index.js";
  }
};

}  // namespace

TENON_DRIVER(Node)
