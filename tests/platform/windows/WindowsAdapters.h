// The adapter for Windows as it is tested: linked in, and loaded as a library through its one symbol.
#pragma once

#include <string>
#include <vector>

#include "tests/suites/PlatformAdapterSuite.h"

namespace tenon::host {

// What it has warned of since the last call, in this process.
std::vector<std::string> takeWarnings();

const AdapterUnderTest& linkedInAdapter();
const AdapterUnderTest& libraryAdapter();

// Files of its own for a test of files.
class WindowsFiles : public FileSuite {};

class WindowsProcess : public ProcessSuite {};

}  // namespace tenon::host
