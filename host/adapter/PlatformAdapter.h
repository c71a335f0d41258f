// The only door to an operating system: what the loaded platform adapter says of its machine, its processes and its files.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host/adapter/Channels.h"
#include "host/adapter/Files.h"
#include "host/adapter/Processes.h"
#include "host/base/Result.h"

struct tenon_entry;
struct tenon_host;

namespace tenon::host {

// What a process can be given of isolation here; a why is one line, and empty where it can.
struct IsolationFacts {
  std::string userWhy, filesWhy;
  bool userEver = true;  // false: no agent here, whatever its rights, gives services users of their own
  bool user() const { return userWhy.empty(); }
  bool files() const { return filesWhy.empty(); }
};

// tenon.platform-facts/1
struct PlatformFacts {
  std::string name, version;           // of the adapter: "linux" "0.1.0"
  std::vector<std::string> platforms;  // that it satisfies, best first: "linux-x64"
  unsigned cpus = 1;
  std::uint64_t memoryBytes = 0;
  std::string containment;     // "cgroup-v2" "cgroup-v1" "process-group" "job-object"
  std::string containmentWhy;  // one line, where it is less than the best: "cgroup v2 has no controllers here"
  IsolationFacts isolation;
  Path socketFolder;       // short, private to the user: for the agent's socket; empty where there are no sockets
  Path stateFolder;        // for an agent that is told no root; empty where the machine has no such place
  std::string searchPath;  // what services get as PATH
  Path executable;         // this program's own file; empty where the machine does not tell
};

// What this process holds at one moment, a line each: of the same thing the same line.
struct OwnState {
  std::vector<std::string> threads, descriptors, handlers, environment;
};

// The system's own manager of services, where programs are made known to it by calls.
class SystemServices {
 public:
  struct Service {
    std::string name, title, description;
    std::vector<std::string> argv;  // the program by its absolute path
  };
  virtual ~SystemServices() = default;
  // Started now, at every boot, and after a failure. Errors: already-exists, denied.
  virtual Result<void> install(const Service& service) = 0;
  // Ended, and forgotten. Error: not-found.
  virtual Result<void> remove(std::string_view name) = 0;
};

class PlatformAdapter {
 public:
  virtual ~PlatformAdapter() = default;
  virtual const PlatformFacts& facts() const = 0;
  virtual Files& files() = 0;
  virtual Processes& processes() = 0;
  // Nothing where the adapter offers none. Owned by the adapter.
  virtual Channels* channels() = 0;
  // Columns of the terminal behind standard stream 1 or 2; 0 where it is none.
  virtual int terminalColumns(int stream) = 0;
  // Before a server makes its first thread: the OS's requests to end the process are kept for the thread that waits for
  // them; and it may have as many files open as the OS allows it, which what it starts does not inherit.
  virtual void holdTermination() = 0;
  // This process becomes that program, argv[0] by its absolute path: same number, same children, environment, working
  // folder. Comes back with an error alone; platform-unsupported where canBecome() says no.
  virtual bool canBecome() const = 0;
  virtual Result<void> become(const std::vector<std::string>& argv) = 0;
  // Certificates in PEM, one each: whom the machine trusts to vouch for servers. None where libraries for TLS find them by
  // themselves.
  virtual Result<std::vector<std::string>> authorities() = 0;
  // Error: platform-unsupported where the adapter does not tell.
  virtual Result<OwnState> ownState() {
    return Error(ErrorCode::PlatformUnsupported,
                 "the platform adapter " + facts().name + " does not tell what a process holds");
  }
  // Nothing where the system is told of its services by files. Owned by the adapter.
  virtual SystemServices* systemServices() = 0;
};

// The agent's own folder. Services that run as users of their own walk through it; where there are never any, it is shut,
// before anything is made below: the folder above may let everybody make files in it.
Result<void> makeRootFolder(PlatformAdapter& adapter, const Path& root);

// Opens an adapter plugin through its entry symbol, static or loaded. Both arguments outlive the adapter.
// Error: driver-incompatible where it does not offer tenon.platform/1 and tenon.files/1.
Result<std::unique_ptr<PlatformAdapter>> openPlatformAdapter(const tenon_entry& entry, const tenon_host& host);

}  // namespace tenon::host
