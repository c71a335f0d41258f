// tenon.channels/1: helpers that serve messages. An adapter that offers none passes by.
#pragma once

#include <string>

#include "tests/suites/PlatformAdapterSuite.h"

namespace tenon::host {

class ChannelSuite : public ProcessSuite {
 protected:
  void SetUp() override {
    ProcessSuite::SetUp();
    if (!adapter_->channels()) GTEST_SKIP() << "not on this system: channels";
  }
  void TearDown() override {
    if (adapter_->channels()) close();
    ProcessSuite::TearDown();
  }

  Channels& channels() { return *adapter_->channels(); }
  void open(const SpawnRequest& request, std::uint64_t library = 0) {
    auto opened = channels().open(request, library, spawned_);
    ASSERT_TRUE(opened) << opened.error().message();
    channel_ = *opened;
  }
  void open() { open(requestFor({"echo"})); }
  void close() { channels().close(channel_); }
  Result<std::string> ask(const std::string& text, Millis most = Millis(20'000)) {
    return channels().exchange(channel_, text, most);
  }
  // By its lasting identity, so by another adapter, too.
  bool runs() const {
    const auto other = openAnother();
    const auto adopted = other->processes().adopt(spawned_.identity);
    if (adopted) other->processes().release(*adopted);
    return static_cast<bool>(adopted);
  }

  ChannelId channel_ = 0;
  SpawnedProcess spawned_;
};

}  // namespace tenon::host
