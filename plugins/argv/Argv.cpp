// exec types "argv" (program and arguments exactly as written) and "binary" (a prebuilt program of the package, picked by
// machine and libc). Needs no runtime on the node.
#include <tenon/executable.hpp>

namespace {

struct Argv {
  void fingerprint(tenon::Fingerprint& f) { tenon::describeLibc(f.healthy()); }

  tenon::LaunchPlan plan(const tenon::PlanRequest& r) {
    const auto type = r.exec.string("type").orInvalid("name the exec type: argv or binary");
    if (type != "argv" && type != "binary") throw tenon::invalid("exec.type", "this driver runs argv and binary");
    const auto program = r.exec.string("program").orInvalid("name the program to run");
    if (program.empty()) throw tenon::invalid("exec.program", "name the program to run");

    tenon::LaunchPlan plan;
    if (type == "argv") {
      plan.program(program);
      if (const auto own = r.packageDir / program; own.isFile()) tenon::requireLibraries(own, r, "exec.program");
    } else {
      plan.program(tenon::findProgram(r, program, "exec.program"));
    }
    return plan.args(r.exec.list("args")).cwd(r.exec.string("cwd"));
  }
};

}  // namespace

TENON_DRIVER(Argv)
