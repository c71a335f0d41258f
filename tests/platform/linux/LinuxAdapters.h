// The adapter for Linux as it is tested: linked in, and loaded as a library through its one symbol.
#pragma once

#include "tests/suites/PlatformAdapterSuite.h"

namespace tenon::host {

const AdapterUnderTest& linkedInAdapter();
const AdapterUnderTest& libraryAdapter();

}  // namespace tenon::host
