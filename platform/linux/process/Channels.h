// tenon.channels/1 on Linux: helpers at the other end of a socket pair. Any thread; for one channel one call at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "platform/linux/Descriptor.h"
#include "platform/linux/Fault.h"
#include "platform/linux/file/FileAdapter.h"
#include "platform/linux/process/ProcessAdapter.h"

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
    Descriptor socket;
  };
  Fault explainEnd(const Channel& channel);

  ProcessAdapter& processes_;
  const FileAdapter& files_;
  std::mutex mutex_;  // of the table
  std::unordered_map<tenon_channel, std::shared_ptr<Channel>> channels_;
  tenon_channel last_ = 0;
};

}  // namespace tenon::platform
