// Case 56 of the fault list: what the system's errors are called, so that who reads one knows what to do.
#include "platform/linux/Fault.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace tenon::platform {
namespace {

TEST(LinuxFault, Case56NamesTheErrorsOfADisk) {
  struct Row {
    int error;
    std::int32_t code;
    std::string name, hint;  // a part of it; "": none
  };
  const Row rows[] = {{ENOSPC, TENON_UNAVAILABLE, "disk-full", "free space"},
                      {EDQUOT, TENON_UNAVAILABLE, "disk-full", "quota"},
                      {EROFS, TENON_DENIED, "denied", "read-only"},
                      {EACCES, TENON_DENIED, "denied", ""},
                      {EPERM, TENON_DENIED, "denied", ""},
                      {ELOOP, TENON_DENIED, "denied", ""},
                      {EMFILE, TENON_UNAVAILABLE, "io-error", "LimitNOFILE"},
                      {ENFILE, TENON_UNAVAILABLE, "io-error", "open files"},
                      {EIO, TENON_UNAVAILABLE, "io-error", ""},
                      {ENOENT, TENON_UNAVAILABLE, "not-found", ""},
                      {EEXIST, TENON_UNAVAILABLE, "already-exists", ""},
                      {EXDEV, TENON_UNAVAILABLE, "io-error", ""}};
  for (const auto& row : rows) {
    const auto fault = osFault("create /x/y", row.error);
    const std::string text = strerrordesc_np(row.error);
    SCOPED_TRACE(text);
    EXPECT_EQ(fault.code, row.code);
    EXPECT_EQ(fault.name, row.name);
    EXPECT_EQ(fault.message, "create /x/y: " + text);
    EXPECT_EQ(fault.hint.empty(), row.hint.empty()) << fault.hint;
    EXPECT_NE(fault.hint.find(row.hint), std::string::npos) << fault.hint;
  }
}

}  // namespace
}  // namespace tenon::platform
