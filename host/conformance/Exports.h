// The names that a shared library shows to whoever loads it, read from its file: none of its code runs. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/base/Result.h"

namespace tenon::host {

// Sorted. `library` is the whole file: 64-bit ELF, or PE. Errors: format-invalid where it is neither, or damaged;
// limit-exceeded.
Result<std::vector<std::string>> exportedSymbols(std::string_view library);

}  // namespace tenon::host
