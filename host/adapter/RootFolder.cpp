#include "host/adapter/PlatformAdapter.h"

namespace tenon::host {

Result<void> makeRootFolder(PlatformAdapter& adapter, const Path& root) {
  Files& files = adapter.files();
  return adapter.facts().isolation.userEver ? files.makeFolders(root) : files.makePrivateFolders(root);
}

}  // namespace tenon::host
