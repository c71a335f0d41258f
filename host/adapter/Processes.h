// The host's only way to start, watch and end processes: the C++ face of tenon.platform/1 (sdk/include/tenon/plugin.h).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/Clock.h"
#include "host/base/Path.h"
#include "host/base/Result.h"

namespace tenon::host {

// Names a process for the life of this agent; never reused; 0 is none.
using ProcessId = std::uint64_t;

// What a process may reach by name; permissions count beside it.
struct FileAccess {
  // Of the machine, beside what follows: as permissions say; what its programs need, and devices; the same, to read alone.
  enum class Rest { Open, System, ReadOnly };
  Rest rest = Rest::Open;
  Path hidden;                    // a folder of which nothing is reached but what follows; empty: none
  std::vector<Path> read, write;  // folders with all in them, or files
};

// What keeps a process to itself. Where `required`, what cannot be had is resource-missing; else the answer tells it.
struct ProcessIsolation {
  bool required = false;
  std::optional<std::uint32_t> user;  // that it becomes, with its group of the same number
  std::vector<Path> owned;            // folders that belong to whom it runs as: given over before the start
  std::optional<FileAccess> files;
  bool network = true;     // false: neither it nor what it starts can make a socket
  bool privileges = true;  // false: neither it nor what it starts has any, be it root
};

// What the child gets, and nothing else.
struct SpawnRequest {
  std::string name;               // of its containment: "nmt-zh-en.3"; [a-z0-9._-]
  std::vector<std::string> argv;  // argv[0] is an absolute path
  std::vector<std::pair<std::string, std::string>> env;
  Path cwd;
  Path output;  // stdout and stderr are appended here; made where missing; empty, of a helper alone: lost
  std::optional<std::uint64_t> memoryBytes;  // limits of the whole tree, where the containment can
  std::optional<double> cpus;
  std::optional<std::uint64_t> processes;
  std::optional<std::uint64_t> openFiles;
  ProcessIsolation isolation;
  std::optional<ProcessId> into;  // joins that process's containment and ends with it
};

struct SpawnedProcess {
  ProcessId process = 0;
  std::int64_t pid = 0;               // the OS's number, for people
  std::string identity;               // tenon.process/1: lasting, opaque; give it to adopt()
  std::optional<std::uint32_t> user;  // of its own
  bool filesKept = false;             // to those of its request
  std::vector<std::string> lacks;     // what of its isolation could not be had, a sentence each
};

struct ProcessEnd {
  enum class How { Exited, Signalled, Unknown };
  ProcessId process = 0;
  How how = How::Unknown;
  int code = 0;  // exit status or signal number
  bool outOfMemory = false;
};

struct ProcessStats {
  std::uint64_t cpuMicros = 0, residentBytes = 0, peakBytes = 0, processes = 0, readBytes = 0, writtenBytes = 0;
};

class Processes {
 public:
  virtual ~Processes() = default;

  virtual Result<SpawnedProcess> spawn(const SpawnRequest& request) = 0;  // any thread; spawn-failed says why
  virtual Result<ProcessId> adopt(std::string_view identity) = 0;         // any thread; not-found: no longer ours
  virtual Result<void> signal(ProcessId process, std::string_view name) = 0;
  virtual Result<void> killTree(ProcessId process) = 0;
  virtual void release(ProcessId process) = 0;
  // Any thread: kills all of earlier agents whose SpawnRequest::name begins so and that nobody has adopted.
  // platform-unsupported from an adapter that was built before there was this call.
  virtual Result<void> killUnknown(std::string_view beginning) = 0;
  // Any thread: all that the spawn led to stands still, or goes on. What is so already stays so. Frozen, it can be killed
  // and adopted; a signal waits. platform-unsupported as of killUnknown().
  virtual Result<void> freeze(ProcessId process, bool on) = 0;
  virtual Result<ProcessStats> stats(ProcessId process) = 0;
  // Nothing where nobody listens there or the OS does not tell.
  virtual Result<std::optional<bool>> ownsListener(ProcessId process, std::uint16_t port) = 0;

  // One thread at a time: blocks until something ended, wake(), or `most` (< 0: no limit).
  virtual Result<std::vector<ProcessEnd>> wait(Millis most) = 0;
  virtual void wake() = 0;  // any thread
};

}  // namespace tenon::host
