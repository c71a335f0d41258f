// Json says format-invalid of whatever it cannot read; some documents have a code of their own for that (state-corrupt,
// plan-invalid). Internal to contract.
#pragma once

#include <utility>

#include "host/base/Result.h"

namespace tenon::host {

// The same problem under `code`; any other code passes.
template <class T>
Result<T> formatFaultAs(ErrorCode code, Result<T> result) {
  if (result || result.error().code() != ErrorCode::FormatInvalid) return result;
  const Error& found = result.error();
  return Error(code, found.message()).withHint(found.hint()).withField(found.field());
}

}  // namespace tenon::host
