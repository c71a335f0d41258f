// Compiled, never run: the C++ wrapper in every standard that it promises. The header named first includes all the others.
#include "tenon/runtime.hpp"

namespace {

struct Smallest {
  void fingerprint(tenon::Fingerprint& f) { f.healthy(); }
  tenon::LaunchPlan plan(const tenon::PlanRequest& r) { return tenon::LaunchPlan{}.program(r.packageDir / "run"); }
};

}  // namespace

TENON_DRIVER(Smallest)
