// Owns one kernel handle. Windows says "none" in two ways, NULL and INVALID_HANDLE_VALUE; here both are none.
#pragma once

#include <utility>

#include "platform/windows/Os.h"

namespace tenon::platform {

class Handle {
 public:
  explicit Handle(HANDLE value = nullptr) : value_(value == INVALID_HANDLE_VALUE ? nullptr : value) {}
  Handle(Handle&& other) noexcept : value_(std::exchange(other.value_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) {
      reset();
      value_ = std::exchange(other.value_, nullptr);
    }
    return *this;
  }
  ~Handle() { reset(); }

  HANDLE get() const { return value_; }
  explicit operator bool() const { return value_ != nullptr; }
  void reset() {
    if (value_) ::CloseHandle(std::exchange(value_, nullptr));
  }

 private:
  HANDLE value_;
};

}  // namespace tenon::platform
