// The plugin's state between open and close, and the tables that it offers.
#pragma once

#include <string>

#include "platform/windows/file/FileAdapter.h"
#include "platform/windows/process/Channels.h"
#include "platform/windows/process/ProcessAdapter.h"
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

// PlatformTable.cpp, FilesTable.cpp, ChannelsTable.cpp: functions that take an Adapter as `self`. SystemServices.cpp:
// functions that need none.
const tenon_platform& platformTable();
const tenon_files& filesTable();
const tenon_channels& channelsTable();
const tenon_system_services& systemServicesTable();

}  // namespace tenon::platform
