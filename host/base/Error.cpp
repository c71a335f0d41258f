#include "host/base/Error.h"

#include <array>
#include <cstdlib>

namespace tenon::host {

namespace {

struct Row {
  ErrorCode code;
  std::string_view name;
  int httpStatus;
  int exitStatus;
};

constexpr std::array kRows = {
#define TENON_ROW(id, name, http, exit) Row{ErrorCode::id, name, http, exit},
    TENON_ERROR_CODES(TENON_ROW)
#undef TENON_ROW
};

// The enumerators count from zero in the table's order, so a code is its row's index.
const Row& rowOf(ErrorCode code) {
  const auto index = static_cast<std::size_t>(code);
  if (index >= kRows.size()) std::abort();
  return kRows[index];
}

}  // namespace

std::string_view name(ErrorCode code) { return rowOf(code).name; }
int httpStatus(ErrorCode code) { return rowOf(code).httpStatus; }
int exitStatus(ErrorCode code) { return rowOf(code).exitStatus; }

std::optional<ErrorCode> errorCodeNamed(std::string_view name) {
  for (const Row& row : kRows) {
    if (row.name == name) return row.code;
  }
  return std::nullopt;
}

}  // namespace tenon::host
