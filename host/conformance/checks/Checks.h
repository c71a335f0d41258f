// The checks, in their order; each gives its row. Internal to conformance.
#pragma once

#include "host/conformance/checks/Bench.h"

namespace tenon::host {

CheckResult checkTypes(const Bench& bench);  // the second half of manifest-valid; the first is Bench::load()
CheckResult checkExports(const Bench& bench);
CheckResult checkLoads(const Bench& bench);
CheckResult checkRepeatable(const Bench& bench);
CheckResult checkHosting(const Bench& bench);
CheckResult checkNonsense(const Bench& bench);
CheckResult checkMembers(const Bench& bench);
CheckResult checkEnds(const Bench& bench);
CheckResult checkGolden(const Bench& bench);
CheckResult checkLaunch(const Bench& bench);

}  // namespace tenon::host
