// Programs that a test runs: to their end, or beside it. The same on every platform.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace tenon::host {

struct Outcome {
  int status = -1;
  std::string out, err;
};

// Runs a program to its end.
Outcome runProgram(const std::string& program, const std::vector<std::string>& arguments);

// Runs beside the test; ended at the latest when this goes out of scope.
class Background {
 public:
  Background(const std::string& program, const std::vector<std::string>& arguments);
  ~Background();  // as kill()
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  long pid() const;
  bool hasEnded();
  std::string output() const;  // what it has written until now, both streams
  // Both wait for the end.
  void ask();   // as a person at its console would
  void kill();  // as the system would

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

bool isRunning(long pid);
void killProcess(long pid);

}  // namespace tenon::host
