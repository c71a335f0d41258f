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
#include <stdexcept>
#include <thread>

namespace tenon::host {

namespace {

std::string readAll(const Poco::Pipe& pipe) {
  Poco::PipeInputStream stream(pipe);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// What a test that fails would tell of Poco's exception is its class alone.
template <class Act>
auto orTell(const Act& act) {
  try {
    return act();
  } catch (const Poco::Exception& error) {
    throw std::runtime_error(error.displayText() + " (" + std::to_string(error.code()) + ")");
  }
}

Poco::ProcessHandle launch(const std::string& program, const std::vector<std::string>& arguments, Poco::Pipe& in,
                           Poco::Pipe& out, Poco::Pipe& err) {
  return orTell([&] { return Poco::Process::launch(program, arguments, &in, &out, &err); });
}

}  // namespace

Outcome runProgram(const std::string& program, const std::vector<std::string>& arguments) {
  Poco::Pipe in, out, err;
  const Poco::ProcessHandle process = launch(program, arguments, in, out, err);
  in.close();
  Outcome outcome;
  std::thread other([&] { outcome.err = readAll(err); });
  outcome.out = readAll(out);
  other.join();
  outcome.status = orTell([&] { return process.wait(); });
  return outcome;
}

struct Background::Parts {
  Poco::Pipe in, out;
  std::optional<Poco::ProcessHandle> process;
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
    orTell([&] { return process->wait(); });
    process.reset();
    if (reader.joinable()) reader.join();
  }
};

Background::Background(const std::string& program, const std::vector<std::string>& arguments)
    : parts_(std::make_unique<Parts>()) {
  parts_->process.emplace(launch(program, arguments, parts_->in, parts_->out, parts_->out));
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

long Background::pid() const { return static_cast<long>(parts_->process->id()); }

bool Background::hasEnded() {
  std::lock_guard guard(parts_->mutex);
  return parts_->ended;
}

std::string Background::output() const {
  std::lock_guard guard(parts_->mutex);
  return parts_->text;
}

void Background::ask() {
  if (parts_->process) Poco::Process::requestTermination(parts_->process->id());
  parts_->join();
}

void Background::kill() {
  try {
    // By its number: of a handle that is killed, Poco on Windows cannot wait for the end any more.
    if (parts_->process) Poco::Process::kill(parts_->process->id());
  } catch (const Poco::Exception&) {  // it has ended by itself
  }
  parts_->join();
}

bool isRunning(long pid) { return pid > 0 && Poco::Process::isRunning(static_cast<Poco::Process::PID>(pid)); }

void killProcess(long pid) { Poco::Process::kill(static_cast<Poco::Process::PID>(pid)); }

}  // namespace tenon::host
