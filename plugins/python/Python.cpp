// exec type "python": a script or a module of the package, on the interpreter that the package carries in runtime/python/,
// else on the node's where the node allows that.
#include <tenon/runtime.hpp>

#include <filesystem>
#include <string>

namespace {

struct Python {
  void fingerprint(tenon::Fingerprint& f) { tenon::findOnNode(f, "python", {"python3"}, versionOf); }

  tenon::LaunchPlan plan(const tenon::PlanRequest& r) {
    r.requireType("python");
    if (r.exec.has("requirements")) {
      throw tenon::unsupported("this driver does not install requirements yet")
          .field("exec.requirements")
          .hint("put the packages into the package's runtime/python, and remove exec.requirements");
    }
    tenon::LaunchPlan plan;
    interpreter(r, plan);
    plan.arg("-u").arg("-B");
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

  static void interpreter(const tenon::PlanRequest& r, tenon::LaunchPlan& plan) {
    const bool windows = r.onWindows();
    const tenon::Runtime runtime{"Python", "python", "python3", {windows ? "python.exe" : "bin/python3"}, windows};
    const auto own = carriedRuntime(r, runtime);
    if (!own) {
      plan.program(nodesRuntime(r, runtime));
      return;
    }
    plan.program(*own);
    // Else an interpreter that was moved may take the node's standard library for its own.
    if (hasLibrary(r)) plan.env("PYTHONHOME", r.packageDir / runtime.folder());
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
