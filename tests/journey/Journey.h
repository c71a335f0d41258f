// The real programs, end to end: a hub and an agent as processes of their own, in a temp folder, on ports that the OS
// picked. What a test starts, its end stops, by process id.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/base/Json.h"
#include "tests/journey/Program.h"
#include "tests/journey/WebServer.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {

std::string readText(const std::string& path);
void writeText(const std::string& path, const std::string& text);
// Flips one bit of the byte at `offset` (from the end when negative).
void flipByte(const std::string& path, long offset);
// Replaces the first `from` in a file; a test that finds nothing to replace has failed.
void replaceIn(const std::string& path, const std::string& from, const std::string& to);
// Every path below but logs/, with its kind, mode and content: two equal ones mean that nothing changed.
std::string snapshot(const std::string& folder);
// Bytes that nobody makes smaller, so that they stand in a zip as they are.
void writeNoise(const std::string& path, std::uint64_t size);
// What the tests' own platform is called: "linux-x64".
std::string platformName();
// Polls until `holds`, for at most a generous while; false if it never did.
bool eventually(const std::function<bool()>& holds);

class Journey : public testing::Test {
 protected:
  Journey();
  ~Journey() override;

  std::string path(const std::string& name) const { return folder_.text() + "/" + name; }
  std::string root() const { return root_; }
  void useRoot(const std::string& root) { root_ = root; }
  // The node is on a disk of 80 MB, which tests take turns at (ctest's RESOURCE_LOCK); false where there is none.
  bool useSmallDisk();
  // Of agents that are started from now on.
  void useProgram(const std::string& program) { agentProgram_ = program; }
  void useTrust(const std::string& file) { trust_ = file; }

  // `tenon --root <root> …`: arguments with a space between them, none with one inside.
  Outcome tenon(const std::string& arguments) const;
  void startHub(const std::string& options = "");
  void stopHub();
  // A plain web server over these folders, where the hub was.
  void startWebServer(const std::vector<std::string>& folders);
  // A hub at another address, which is not the test's to start.
  void useHub(const std::string& address, const std::string& scheme = "http") {
    hubAddress_ = address;
    hubScheme_ = scheme;
  }
  std::string hubUrl() const { return hubScheme_ + "://" + hubAddress_; }
  void startAgent(const std::string& options = "");  // that trusts trust_
  // From now on agents run as that user, without rights. Takes root; Linux only.
  void runAgentAs(unsigned user) { agentUser_ = user; }
  // A hub, an agent, and this package on it, ready. The folder is called SERVICE-VERSION.
  void serve(const std::string& folder);
  void expectDone(const Outcome& outcome) { ASSERT_EQ(outcome.status, 0) << outcome.out << outcome.err << agentOutput(); }
  // Ready again, in another process than that one.
  bool comesBack(const std::string& service, long after) const;
  enum class End { Asked, Killed };
  void endAgent(End how);  // and waits for its end
  long agentPid() const;
  std::string agentOutput() const { return agent_ ? agent_->output() : ""; }

  // tests/journey/langid at this version, with short times.
  std::string langid(const std::string& version);
  // A copy of samples/services/geohash with the Node that it carries; nothing where that could not be had.
  std::optional<std::string> geohash(const std::string& version);
  // Packs, signs and publishes; the package's path.
  std::string publish(const std::string& folder, int sequence = 0);
  std::string pack(const std::string& folder, int sequence = 0, bool isSigned = true);
  // Where the hub keeps a published file: "service.zip", "MANIFEST", …
  std::string inHub(const std::string& service, const std::string& version, const std::string& file) const;

  // One service as `status -o json` tells it; its members as text.
  std::map<std::string, std::string> status(const std::string& service) const;
  // The body that a service on this port answers, "" where none does.
  std::string get(const std::string& port, const std::string& target) const;
  std::string post(const std::string& port, const std::string& target, const std::string& body) const;
  std::string serviceFolder(const std::string& service) const { return root_ + "/services/" + service; }

 private:
  void removeServices();
  std::string ask(const std::string& method, const std::string& port, const std::string& target,
                  const std::string& body) const;

  TempFolder folder_;
  std::string root_, trust_, hubAddress_, hubScheme_ = "http";
  bool isOnSmallDisk_ = false;
  std::optional<unsigned> agentUser_;
  std::string agentProgram_ = TENON_PROGRAM;
  std::unique_ptr<Background> hub_, agent_;
  std::unique_ptr<WebServer> webServer_;
};

}  // namespace tenon::host
