// tenon.channels/1 on Windows: helpers at the other end of a pipe. Any thread; for one channel one call at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "platform/windows/Fault.h"
#include "platform/windows/Handle.h"
#include "platform/windows/file/FileAdapter.h"
#include "platform/windows/process/ProcessAdapter.h"

namespace tenon::platform {

class Channels {
 public:
  // Both outlive it.
  Channels(ProcessAdapter& processes, const FileAdapter& files) : processes_(processes), files_(files) {}
  ~Channels();
  Channels(const Channels&) = delete;
  Channels& operator=(const Channels&) = delete;

  Outcome open(std::string_view request, tenon_file library, tenon_channel& channel, std::string& identity);
  Outcome exchange(tenon_channel channel, std::string_view message, std::uint32_t timeoutMs, std::string& answer);
  void close(tenon_channel channel);

 private:
  struct Channel {
    tenon_process helper = 0;
    Handle pipe, moved;  // moved: an event, of the transfer that runs
  };
  Fault explainEnd(const Channel& channel);

  ProcessAdapter& processes_;
  const FileAdapter& files_;
  std::mutex mutex_;  // of the table
  std::unordered_map<tenon_channel, std::shared_ptr<Channel>> channels_;
  tenon_channel last_ = 0;
};

}  // namespace tenon::platform
