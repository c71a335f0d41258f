#include "host/app/RunFolder.h"

#include "host/adapter/Files.h"
#include "host/trust/Sha256.h"

namespace tenon::host {

Path runFolderOf(const Path& folder) {
  return temporaryFolder() / ("tenon-run-" + sha256(folder.text()).hex().substr(0, 16));
}

}  // namespace tenon::host
