// Where a call is to act: a folder's descriptor and a name, or an absolute path. Kept by the call alone.
#pragma once

#include <fcntl.h>

#include <memory>
#include <string>
#include <string_view>

#include "platform/linux/file/FileAdapter.h"

namespace tenon::platform {

struct Where {
  int folder = AT_FDCWD;
  std::string name;  // for the *at calls
  std::string text;  // for messages
  std::shared_ptr<OpenFolder> keep = {};
};

// An absolute path as the kernel takes it.
Outcome checkPath(std::string_view path, std::string& checked);

}  // namespace tenon::platform
