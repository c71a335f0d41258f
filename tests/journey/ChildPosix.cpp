#include <Poco/Exception.h>
#include <Poco/Process.h>

#include <stdexcept>

#include "tests/journey/Child.h"

namespace tenon::host {

struct Child::Parts {
  Poco::ProcessHandle process;
};

namespace {

// What a test that fails would tell of Poco's exception is its class alone.
template <class Act>
auto orTell(const Act& act) {
  try {
    return act();
  } catch (const Poco::Exception& error) {
    throw std::runtime_error(error.displayText() + " (" + std::to_string(error.code()) + ")");
  }
}

}  // namespace

Child::Child(const std::string& program, const std::vector<std::string>& arguments, Poco::Pipe& in, Poco::Pipe& out,
             Poco::Pipe& err)
    : parts_(orTell([&] { return new Parts{Poco::Process::launch(program, arguments, &in, &out, &err)}; })) {}

Child::~Child() = default;

long Child::pid() const { return static_cast<long>(parts_->process.id()); }

int Child::wait() {
  return orTell([&] { return parts_->process.wait(); });
}

}  // namespace tenon::host
