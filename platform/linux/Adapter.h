// The plugin's state between open and close, and the tables that it offers.
#pragma once

#include <string>

#include "platform/linux/file/FileAdapter.h"
#include "platform/linux/process/Channels.h"
#include "platform/linux/process/ProcessAdapter.h"
#include "tenon/plugin.h"

namespace tenon::platform {

class Adapter {
 public:
  // `host` lives as long as the process.
  explicit Adapter(const tenon_host* host) : host_(host) {}

  FileAdapter& files() { return files_; }
  ProcessAdapter& processes() { return processes_; }
  Channels& channels() { return channels_; }
  void warn(const std::string& text) const;

 private:
  const tenon_host* host_;
  FileAdapter files_;
  ProcessAdapter processes_{[this](const std::string& text) { warn(text); }};
  Channels channels_{processes_, files_};
};

// PlatformTable.cpp, FilesTable.cpp, ChannelsTable.cpp: functions that take an Adapter as `self`.
const tenon_platform& platformTable();
const tenon_files& filesTable();
const tenon_channels& channelsTable();

}  // namespace tenon::platform
