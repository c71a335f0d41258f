// A value or an Error. Every call that can meet a fault of the world returns one; a broken invariant (our own bug) aborts.
#pragma once

#include <tl/expected.hpp>
#include <utility>

#include "host/base/Error.h"

namespace tenon::host {

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  Result(tl::expected<T, Error> other)
      : tl::expected<T, Error>(std::move(other)) {}  // NOLINT: the same thing, by another name
  Result(Error error)
      : tl::expected<T, Error>(tl::unexpected(std::move(error))) {}  // NOLINT: `return Error{...}` reads well
};

// Adds what was being done to the error of a result that passes by.
template <class T>
Result<T> withContext(const std::string& doing, Result<T> result) {
  if (result) return result;
  return std::move(result).error().withContext(doing);
}

// TENON_TRY(auto bytes, readFile(path)): the value, or return its error from here.
// TENON_CHECK(syncFolder(path)): go on, or return its error from here.
#define TENON_TRY_JOIN2(a, b) a##b
#define TENON_TRY_JOIN(a, b) TENON_TRY_JOIN2(a, b)
#define TENON_TRY_INTO(name, declaration, expression)              \
  auto name = (expression);                                        \
  if (!name) return ::tenon::host::Error(std::move(name).error()); \
  declaration = *std::move(name)
#define TENON_TRY(declaration, ...) TENON_TRY_INTO(TENON_TRY_JOIN(tried_, __COUNTER__), declaration, (__VA_ARGS__))
#define TENON_CHECK(...)                                                                                    \
  do {                                                                                                      \
    if (auto checked_ = (__VA_ARGS__); !checked_) return ::tenon::host::Error(std::move(checked_).error()); \
  } while (false)

}  // namespace tenon::host
