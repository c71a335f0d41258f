// exec type "rust": a program that cargo built ahead, in bin/<target triple>/ of the package, or in a folder of sources.
// Needs no runtime on the node.
#include <tenon/executable.hpp>

namespace {

struct Rust {
  void fingerprint(tenon::Fingerprint& f) { tenon::describeLibc(f.healthy()); }

  tenon::LaunchPlan plan(const tenon::PlanRequest& r) {
    r.requireType("rust");
    const bool ownName = r.exec.has("program");
    const auto program = ownName ? *r.exec.string("program") : r.entrypoint.otherwise("");
    if (program.empty())
      throw tenon::invalid("exec.program", "name the program that cargo built, as in bin/<target>/<program>");

    return tenon::LaunchPlan{}
        .program(find(r, program, ownName ? "exec.program" : "entrypoint"))
        .args(r.exec.list("args"))
        .cwd(r.exec.string("cwd"))
        .env("RUST_LOG", "info")
        .env("RUST_BACKTRACE", "1")
        .env("MODELS_DIR", "${MODELS_DIR}")
        .exitCode(101, "the program panicked: its message and backtrace are in the log");
  }

 private:
  // In a folder of sources, what cargo built there last (`tenon run` has it do that), rather than what was packed once.
  static tenon::PackagePath find(const tenon::PlanRequest& r, const std::string& program, const std::string& field) {
    if ((r.packageDir / "Cargo.toml").isFile()) {
      const auto built = r.packageDir / ("target/release/" + program + (r.onWindows() ? ".exe" : ""));
      if (built.isFile()) return requireFits(built, r, field), built;
    }
    return findProgram(r, program, field);
  }
};

}  // namespace

TENON_DRIVER(Rust)
