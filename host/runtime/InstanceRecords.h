// The folder run/instances: one record for every running instance. No sync: a record only has to outlive the agent.
// Loop's thread; readAll() before the loop knows of any instance.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/adapter/Files.h"
#include "host/base/Log.h"
#include "host/runtime/Instance.h"

namespace tenon::host {

class InstanceRecords {
 public:
  InstanceRecords(Files& files, Log& log, Path folder);

  // A record that cannot be written is logged: the service runs on, but an agent that dies now will not find it again.
  void write(const InstanceRecord& record);
  void remove(const ServiceId& service, InstanceNumber number);
  // Those that cannot be read are removed and logged.
  std::vector<InstanceRecord> readAll();
  // The highest number that any record of a service bears, readable or not.
  std::map<std::string, InstanceNumber> highest();

 private:
  Path path(const ServiceId& service, InstanceNumber number) const;

  Files& files_;
  Log& log_;
  Path folder_;
};

}  // namespace tenon::host
