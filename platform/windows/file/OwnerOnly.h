// The access list of what only its owner may read: this user, and as on every Windows machine the system and administrators.
// Nothing is inherited from the folder above. Made once; any thread.
#pragma once

#include <string>

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

  // Whether what this one owns is as good as ours: this user, the system, administrators.
  bool trusts(PSID owner) const;
  // Gives an open folder this list, and what inherits from it as well, where it has another. Needs READ_CONTROL and
  // WRITE_DAC. 0; ERROR_INVALID_OWNER where it is somebody else's, who could take the list away again; or what Windows says.
  DWORD shut(HANDLE folder) const;

 private:
  bool isShut(PSECURITY_DESCRIPTOR found) const;

  std::wstring sid_;
  void* descriptor_ = nullptr;
  DWORD error_ = ERROR_SUCCESS;
};

}  // namespace tenon::platform
