// The access list of what only its owner may read: this user, and as on every Windows machine the system and administrators.
// Nothing is inherited from the folder above. Made once; any thread.
#pragma once

#include "platform/windows/Os.h"

namespace tenon::platform {

class OwnerOnly {
 public:
  OwnerOnly();
  ~OwnerOnly();
  OwnerOnly(const OwnerOnly&) = delete;
  OwnerOnly& operator=(const OwnerOnly&) = delete;

  // A SECURITY_DESCRIPTOR; null where this machine could not make one, and `error` says why.
  void* descriptor() const { return descriptor_; }
  DWORD error() const { return error_; }

 private:
  void* descriptor_ = nullptr;
  DWORD error_ = ERROR_SUCCESS;
};

}  // namespace tenon::platform
