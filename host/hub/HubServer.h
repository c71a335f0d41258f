// The Model Hub: takes packages from those who have its token, lists and serves them to everybody. Owned by app, one per
// data folder; start() and stop() on one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "host/adapter/Files.h"
#include "host/base/Clock.h"
#include "host/base/Log.h"
#include "host/base/WorkerPool.h"
#include "host/hub/HubTrust.h"
#include "host/trust/SignatureVerifier.h"

namespace tenon::host {

class HubServer {
 public:
  struct Config {
    Path data;                      // absolute; made where missing
    std::string listen;             // "127.0.0.1:8080", "[::1]:0", "unix:/path"
    std::optional<Path> tokenFile;  // default: <data>/token; made where missing
    IndexKeys indexKeys;            // none: no index, and nodes in mode `root` find nothing here
  };
  // All outlive the hub. The pool has more threads than limits::kHubUploads, or uploads can make downloads wait.
  struct Collaborators {
    Files& files;
    WorkerPool& pool;
    const Clock& clock;
    Log& log;
    const SignatureVerifier* verifier = nullptr;  // null: the hub has no keys, and nodes alone judge signatures
  };

  // Reads what is there, and listens; serves from start() on. busy (another hub has the folder), port-taken, denied,
  // format-invalid (the token file).
  static Result<std::unique_ptr<HubServer>> open(const Config& config, Collaborators with);
  virtual ~HubServer() = default;  // stops

  virtual void start() = 0;
  virtual void stop() = 0;
  virtual std::string address() const = 0;  // with the real port
  virtual const Path& tokenFile() const = 0;
  virtual bool tokenWasMade() const = 0;
  virtual std::size_t releases() const = 0;  // how many it has
};

}  // namespace tenon::host
