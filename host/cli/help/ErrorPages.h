// The page of each error code, as `tenon explain CODE` shows it and docs/errors.md holds it.
#pragma once

#include <string>
#include <string_view>

#include "host/base/ErrorCode.h"

namespace tenon::host {

struct ErrorPage {
  std::string_view what;  // what happened
  std::string_view why;   // how it comes about
  std::string_view next;  // what to do
};

const ErrorPage& errorPage(ErrorCode code);

// docs/errors.md, whole: made from the pages, so that the two cannot differ.
std::string errorPagesAsMarkdown();

}  // namespace tenon::host
