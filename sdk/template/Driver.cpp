// exec type "shell": a POSIX sh script of the package.
//   "exec": { "type": "shell", "entry": "app/serve.sh", "args": ["${SERVICE_PORT}"], "strict": true }
#include <tenon/driver.hpp>

struct Shell {
  void fingerprint(tenon::Fingerprint& f) {
    if (auto sh = tenon::which("sh"))
      f.healthy().attribute("sh.path", *sh);
    else
      f.undetected("no sh on the node's search path");
  }

  tenon::LaunchPlan plan(const tenon::PlanRequest& r) {
    r.requireType("shell");
    const auto entry = r.exec.string("entry").orInvalid("name the script to run");
    if (!(r.packageDir / entry).isFile()) throw tenon::invalid("exec.entry", "the package has no file " + entry);

    tenon::LaunchPlan plan;
    plan.program(r.fingerprint.string("sh.path"));
    if (r.exec.boolean("strict").otherwise(true)) plan.arg("-eu");  // end at the first command that fails
    return plan.arg(r.packageDir / entry)
        .args(r.exec.list("args"))
        .cwd(r.exec.string("cwd"))
        .exitCode(126, "the script called a program that may not be executed")
        .exitCode(127, "the script called a program that is not there");
  }
};

TENON_DRIVER(Shell)
