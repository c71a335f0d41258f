// A program that was started, on pipes. The systems differ in how (ChildPosix.cpp, ChildWindows.cpp).
#pragma once

#include <Poco/Pipe.h>

#include <memory>
#include <string>
#include <vector>

namespace tenon::host {

class Child {
 public:
  // Any thread. `out` and `err` may be one; our ends that write to them are closed. Throws std::runtime_error where it
  // cannot be started.
  Child(const std::string& program, const std::vector<std::string>& arguments, Poco::Pipe& in, Poco::Pipe& out,
        Poco::Pipe& err);
  ~Child();  // which waits for nothing
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  long pid() const;
  int wait();  // until it has ended; its exit status

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace tenon::host
