#include "tests/journey/Program.h"

#include <Poco/Exception.h>
#include <Poco/Pipe.h>
#include <Poco/PipeStream.h>
#include <Poco/Process.h>
#include <gtest/gtest.h>

#include <istream>
#include <iterator>
#include <mutex>
#include <optional>
#include <thread>

#include "tests/journey/Child.h"

namespace tenon::host {

namespace {

std::string readAll(const Poco::Pipe& pipe) {
  Poco::PipeInputStream stream(pipe);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

Outcome runProgram(const std::string& program, const std::vector<std::string>& arguments) {
  Poco::Pipe in, out, err;
  Child child(program, arguments, in, out, err);
  in.close();
  Outcome outcome;
  std::thread other([&] { outcome.err = readAll(err); });
  outcome.out = readAll(out);
  other.join();
  outcome.status = child.wait();
  return outcome;
}

struct Background::Parts {
  Poco::Pipe in, out;
  std::optional<Child> process;
  std::thread reader;
  mutable std::mutex mutex;
  std::string text;
  bool ended = false;

  void read() {
    char bytes[4096];
    try {
      while (const int count = out.readBytes(bytes, sizeof bytes)) {
        std::lock_guard guard(mutex);
        text.append(bytes, static_cast<std::size_t>(count));
      }
    } catch (const Poco::Exception&) {  // the pipe has no writer any more
    }
    std::lock_guard guard(mutex);
    ended = true;
  }
  void join() {
    if (!process) return;
    process->wait();
    process.reset();
    if (reader.joinable()) reader.join();
  }
};

Background::Background(const std::string& program, const std::vector<std::string>& arguments)
    : parts_(std::make_unique<Parts>()) {
  parts_->process.emplace(program, arguments, parts_->in, parts_->out, parts_->out);
  parts_->in.close();
  parts_->reader = std::thread([parts = parts_.get()] { parts->read(); });
}

Background::~Background() {
  try {
    kill();
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what();
    parts_->reader.detach();  // it may wait for ever, and its process is lost
    static_cast<void>(parts_.release());
  }
}

long Background::pid() const { return parts_->process->pid(); }

bool Background::hasEnded() {
  std::lock_guard guard(parts_->mutex);
  return parts_->ended;
}

std::string Background::output() const {
  std::lock_guard guard(parts_->mutex);
  return parts_->text;
}

void Background::ask() {
  if (parts_->process) Poco::Process::requestTermination(static_cast<Poco::Process::PID>(parts_->process->pid()));
  parts_->join();
}

void Background::kill() {
  try {
    if (parts_->process) killProcess(parts_->process->pid());
  } catch (const Poco::Exception&) {  // it has ended by itself
  }
  parts_->join();
}

bool isRunning(long pid) { return pid > 0 && Poco::Process::isRunning(static_cast<Poco::Process::PID>(pid)); }

void killProcess(long pid) { Poco::Process::kill(static_cast<Poco::Process::PID>(pid)); }

}  // namespace tenon::host
