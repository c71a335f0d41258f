// exec type "java": a jar, or a class and its class path, on the Java that the package carries in runtime/java/, else on the
// node's where the node allows that.
#include <tenon/runtime.hpp>

#include <fstream>

namespace {

bool startsWith(const std::string& text, const std::string& beginning) { return text.rfind(beginning, 0) == 0; }

struct Java {
  void fingerprint(tenon::Fingerprint& f) { tenon::findOnNode(f, "java", {"java"}, versionBeside); }

  tenon::LaunchPlan plan(const tenon::PlanRequest& r) {
    r.requireType("java");
    tenon::LaunchPlan plan;
    const tenon::Runtime runtime{"Java", "java", "java", {r.onWindows() ? "bin/java.exe" : "bin/java"}, false};
    if (const auto own = carriedRuntime(r, runtime)) {
      plan.program(*own).env("JAVA_HOME", r.packageDir / runtime.folder());
    } else {
      plan.program(nodesRuntime(r, runtime));
    }
    machine(r, plan);
    what(r, plan);
    return plan.args(r.exec.list("args"))
        .cwd(r.exec.string("cwd"))
        .exitCode(1, "Java ended with an uncaught exception, or could not start the class: the log says which")
        .exitCode(3, "Java had no memory left for its heap: see exec.jvm_args or resources.memory_mb");
  }

 private:
  // From the file "release" of every Java since 7.
  static std::string versionBeside(const std::filesystem::path& program) {
    std::ifstream release(program.parent_path().parent_path() / "release");
    const std::string name = "JAVA_VERSION=\"";
    int most = 100;
    for (std::string line; most-- > 0 && std::getline(release, line);) {
      if (startsWith(line, name)) return line.substr(name.size(), line.find('"', name.size()) - name.size());
    }
    return "";
  }

  // A service whose heap is full is of no use any more: it ends, and is started again. What of the limit is not heap is
  // for stacks, code and buffers.
  static void machine(const tenon::PlanRequest& r, tenon::LaunchPlan& plan) {
    const auto own = r.exec.list("jvm_args").otherwise({});
    bool setsHeap = false, setsEnd = false;
    for (const auto& arg : own) {
      setsHeap = setsHeap || startsWith(arg, "-Xmx") || startsWith(arg, "-XX:MaxRAM") || startsWith(arg, "-XX:MaxHeapSize");
      setsEnd = setsEnd || arg.find("OnOutOfMemoryError") != std::string::npos;
    }
    if (!setsEnd) plan.arg("-XX:+ExitOnOutOfMemoryError");
    if (r.memoryMb && !setsHeap) plan.arg("-Xmx" + std::to_string(*r.memoryMb * 3 / 4) + "m");
    plan.args(own);
  }

  static void what(const tenon::PlanRequest& r, tenon::LaunchPlan& plan) {
    const auto mainClass = r.exec.string("main_class");
    const auto jar = r.exec.string("jar");
    if (jar && mainClass) throw tenon::invalid("exec.main_class", "give either exec.jar or exec.main_class");
    if (mainClass) {
      plan.arg("-cp").arg(tenon::Text(classPath(r))).arg(*mainClass);
      return;
    }
    const auto name = jar ? *jar : r.entrypoint.otherwise("");
    if (name.empty()) throw tenon::invalid("exec.jar", "name the .jar file to run, or a class in exec.main_class");
    plan.arg("-jar").arg(requireFile(r, name, jar ? "exec.jar" : "entrypoint"));
  }

  // "lib/*" stands for every jar in a folder, as Java has it.
  static std::string classPath(const tenon::PlanRequest& r) {
    const auto entries =
        r.exec.list("class_path").orInvalid("name the jars and folders in which Java finds exec.main_class");
    std::string text;
    for (std::size_t at = 0; at < entries.size(); ++at) {
      const std::string& entry = entries[at];
      const bool all = entry.size() > 2 && entry.substr(entry.size() - 2) == "/*";
      const auto path = r.packageDir / (all ? entry.substr(0, entry.size() - 2) : entry);
      if (!path.exists()) {
        throw tenon::invalid("exec.class_path[" + std::to_string(at) + "]",
                             path.inside() ? "the package has no " + path.name() : entry + " lies outside the package");
      }
      text += (at == 0 ? "" : r.onWindows() ? ";" : ":") + path.text() + (all ? "/*" : "");
    }
    return text;
  }
};

}  // namespace

TENON_DRIVER(Java)
