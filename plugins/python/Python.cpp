// exec type "python": a script or a module of the package, on the interpreter that the package carries in runtime/python/,
// else on the node's where the node allows that.
#include "Wheels.h"

namespace {

struct Python {
  void fingerprint(tenon::Fingerprint& f) { tenon::findOnNode(f, "python", {"python3"}, versionOf); }

  tenon::LaunchPlan plan(const tenon::PlanRequest& r) {
    r.requireType("python");
    tenon::LaunchPlan plan;
    const tenon::Text program = interpreter(r, plan);
    plan.program(program).arg("-u").arg("-B");
    requirements(r, program, plan);
    what(r, plan);
    return plan.args(r.exec.list("args"))
        .cwd(r.exec.string("cwd"))
        .env("PYTHONNOUSERSITE", "1")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONPYCACHEPREFIX", "${DATA_DIR}/pycache")
        .exitCode(1, "Python ended with an exception: its traceback is in the log")
        .exitCode(2, "Python could not open the script, or did not understand its options");
  }

 private:
  // "3.11", from what python3 points to (python3.11).
  static std::string versionOf(const std::filesystem::path& program) {
    const std::string name = program.filename().string();
    return name.rfind("python3.", 0) == 0 ? name.substr(6) : "";
  }

  static tenon::Text interpreter(const tenon::PlanRequest& r, tenon::LaunchPlan& plan) {
    const bool windows = r.onWindows();
    const tenon::Runtime runtime{"Python", "python", "python3", {windows ? "python.exe" : "bin/python3"}, windows};
    const auto own = carriedRuntime(r, runtime);
    if (!own) return nodesRuntime(r, runtime);
    // Else an interpreter that was moved may take the node's standard library for its own.
    if (hasLibrary(r)) plan.env("PYTHONHOME", r.packageDir / runtime.folder());
    return *own;
  }

  static void requirements(const tenon::PlanRequest& r, const tenon::Text& program, tenon::LaunchPlan& plan) {
    const auto name = r.exec.string("requirements");
    if (!name) return;
    const auto file = requireFile(r, *name, "exec.requirements");
    const auto folder = r.packageDir / r.exec.string("wheels").otherwise("wheels");
    const auto wheels = tenon::python::wheelsIn(folder);
    if (wheels.empty()) {
      throw tenon::invalid("exec.requirements", "the package has no wheels in " + folder.name() + "/ to install them from")
          .hint("pip wheel --wheel-dir " + folder.name() + " --requirement " + *name + ", on a system like the node");
    }
    tenon::python::Hash content;
    std::ifstream in(tenon::nativePath(file.real()), std::ios::binary);
    content.add({std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()});
    for (const auto& wheel : wheels) {
      content.add(wheel);
      content.add(tenon::python::contentsOf(tenon::nativePath((folder / wheel).real())));
    }
    const std::string target = "${DATA_DIR}/python/" + content.hex();
    plan.prepare(tenon::Command(program)
                     .args({"-s", "-B", "-c"})
                     .arg(tenon::Text::literal(tenon::python::kInstall))
                     .arg(target)
                     .arg(file)
                     .arg(folder)
                     .env("PYTHONPATH", ""));
    // The service's own path comes first, as it would without.
    const std::string own = r.env.string("PYTHONPATH").otherwise("");
    plan.env("PYTHONPATH", own.empty() ? target : own + (r.onWindows() ? ";" : ":") + target);
  }

  // Its standard library lies where PYTHONHOME would make it look. (A virtual environment's does not.)
  static bool hasLibrary(const tenon::PlanRequest& r) {
    if (r.onWindows()) return (r.packageDir / "runtime/python/Lib/os.py").isFile();
    for (int minor = 6; minor < 40; ++minor) {
      if ((r.packageDir / ("runtime/python/lib/python3." + std::to_string(minor) + "/os.py")).isFile()) return true;
    }
    return false;
  }

  static void what(const tenon::PlanRequest& r, tenon::LaunchPlan& plan) {
    if (const auto module = r.exec.string("module")) {
      if (r.exec.has("entry")) throw tenon::invalid("exec.module", "give either exec.entry or exec.module");
      plan.arg("-m").arg(*module);
      return;
    }
    const bool ownEntry = r.exec.has("entry");
    const auto entry = ownEntry ? r.exec.string("entry").orInvalid("") : r.entrypoint.otherwise("");
    if (entry.empty()) throw tenon::invalid("exec.entry", "name the .py file to run, or a module in exec.module");
    plan.arg(requireFile(r, entry, ownEntry ? "exec.entry" : "entrypoint"));
  }
};

}  // namespace

TENON_DRIVER(Python)
