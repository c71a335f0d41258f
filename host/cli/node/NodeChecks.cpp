#include "host/cli/node/NodeChecks.h"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeParser.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "host/adapter/AtomicFile.h"
#include "host/cli/AgentConnection.h"
#include "host/cli/Cli.h"
#include "host/cli/Printing.h"
#include "host/cli/node/Settings.h"
#include "host/contract/release/ReleaseIndex.h"
#include "host/package/HubClient.h"

namespace tenon::host {

namespace {

constexpr std::uint64_t kLittleSpace = 2 * limits::GiB;  // a package of a model is about as large
constexpr Millis kWrongClock = std::chrono::minutes{5}, kSoon = std::chrono::hours{24};

class Doctor {
 public:
  explicit Doctor(Cli& cli) : cli_(cli), root_(cli.absolute(cli.root)), facts_(cli.adapter.facts()) {}

  std::vector<NodeCheck> examine() {
    checkFolder();
    checkAgent();
    checkMachine();
    checkDrivers();
    checkServices();
    checkHub();
    return std::move(checks_);
  }

 private:
  void ok(const std::string& name, const std::string& why) { checks_.push_back({name, NodeCheck::Verdict::Ok, why, ""}); }
  void warn(const std::string& name, const std::string& why, const std::string& hint) {
    checks_.push_back({name, NodeCheck::Verdict::Warning, why, hint});
  }
  void fail(const std::string& name, const std::string& why, const std::string& hint) {
    checks_.push_back({name, NodeCheck::Verdict::Failed, why, hint});
  }
  void fail(const std::string& name, const Error& error) { fail(name, error.message(), error.hint()); }

  void checkFolder() {
    Files& files = cli_.files();
    if (!files.exists(root_))
      return warn("folder", root_.text() + " is not there", "the agent makes it, or name it: --root DIR");
    const Path trial = temporaryBeside(root_ / "doctor");
    const auto written = WriteFile::create(files, 0, trial.text(), {.ownerOnly = true});
    if (written) {
      static_cast<void>(files.removeFile(trial));
      ok("folder", root_.text() + " can be written");
    } else {
      fail("folder", written.error().message(), "do this as the agent's user");
    }
    const auto space = files.freeSpace(root_);
    if (!space) return fail("disk", space.error());
    const std::string left = formatBytes(*space) + " are free";
    if (*space < limits::kDiskMarginBytes)
      return fail("disk", left + ": nothing can be installed", "tenon gc, or a larger disk");
    if (*space < kLittleSpace) return warn("disk", left, "tenon gc gives back what no release needs");
    ok("disk", left);
  }

  void checkAgent() {
    auto agent = agentOf(cli_);
    auto node = agent ? agent->get("/v1/node") : Result<Json>(agent.error());
    if (!node) return fail("agent", node.error());
    agent_.emplace(*std::move(agent));
    node_ = *node;
    checkTrust();
    const std::string version = cell(*node_, "version"), lack = cell(*node_, "renew_fault");
    if (!lack.empty()) return warn("agent", "it could not become the newer program: " + lack, "mend that, then tenon renew");
    if (version != TENON_VERSION)
      return warn("agent", "it is " + version + ", and this program " TENON_VERSION, "tenon renew");
    ok("agent", version + " answers, since " + cell(*node_, "started_at"));
  }

  void checkTrust() {
    if (const auto fault = node_->find("trust_fault")) return fail("trust", cell(*fault, "message"), cell(*fault, "hint"));
    const bool byRoot = cell(*node_, "trust_mode") == "root";
    ok("trust",
       byRoot ? "mode root, by root " + cell(*node_, "root_version") : "mode keys, by the release keys it was given");
  }

  // As the agent sees it, which may have other rights than whoever asks.
  void checkMachine() {
    std::string containment = facts_.containment, why = facts_.containmentWhy;
    std::string user = facts_.isolation.userWhy, files = facts_.isolation.filesWhy;
    if (node_) {
      containment = cell(*node_, "containment"), why = cell(*node_, "containment_why");
      const auto isolation = node_->find("isolation");
      if (isolation) user = cell(*isolation, "user_why"), files = cell(*isolation, "files_why");
    }
    if (why.empty()) {
      ok("containment", containment);
    } else {
      warn("containment", containment + ": " + why, "limits of memory, processors and processes hold as far as that goes");
    }
    const std::string lacks = user + (user.empty() || files.empty() ? "" : "; ") + files;
    if (lacks.empty()) return ok("isolation", "services get users of their own, and see of the node what is theirs");
    warn("isolation", lacks, "docs/isolation.md tells what a service is kept from all the same");
  }

  Result<std::vector<Json>> rowsOf(const std::string& path, std::string_view list) {
    TENON_TRY(const auto answer, agent_->get(path));
    TENON_TRY(const auto rows, answer.member(list));
    return rows.array();
  }

  void checkDrivers() {
    if (!agent_) return;
    const auto rows = rowsOf("/v1/drivers", "drivers");
    if (!rows) return fail("drivers", rows.error());
    std::string ready;
    for (const auto& row : *rows) {
      const std::string driver = cell(row, "name"), state = cell(row, "state");
      if (state == "ready") {
        ready += (ready.empty() ? "" : ", ") + driver;
      } else {
        warn("driver " + driver, state + ": " + cell(row, "why"), "tenon drivers; its exec types have no driver till then");
      }
    }
    if (ready.empty()) return fail("drivers", "none is ready: no service can be installed", "tenon drivers");
    ok("drivers", ready);
  }

  void checkServices() {
    if (!agent_) return;
    const auto rows = rowsOf("/v1/services", "services");
    if (!rows) return fail("services", rows.error());
    for (const auto& row : *rows) {
      const std::string state = cell(row, "state");
      if (state != "failed" && state != "unready" && state != "backoff") continue;
      const std::string id = cell(row, "service_id");
      warn("service " + id, state + ": " + cell(row, "why"), "tenon logs " + id);
    }
    ok("services", std::to_string(rows->size()) + " installed");
  }

  void checkHub() {
    const auto settings = knownSettings(cli_);
    if (!settings) return fail("hub", settings.error());
    const std::string hub = settings->value("hub");
    if (hub.empty())
      return warn("hub", "none is configured", "tenon agent --hub URL, TENON_HUB, or hub = URL in agent.properties");
    PocoHttpClient http(cli_.way());
    auto client = HubClient::create(http, hub);
    if (!client) return fail("hub", client.error());
    const auto answer = http.fetch({.url = client->hub() + "/api/services?service_id=tenon.doctor"}, limits::kJsonBytes);
    if (!answer) return fail("hub", hub + ": " + answer.error().message(), answer.error().hint());
    if (answer->status != 200) {
      return fail("hub", hub + " answers " + std::to_string(answer->status), "is that the address of a Model Hub?");
    }
    ok("hub", hub + " answers");
    checkClock(answer->header("Date"));
    if (node_ && cell(*node_, "trust_mode") == "root") checkIndex(*client);
  }

  void checkClock(const std::string& date) {
    int zone = 0;
    Poco::DateTime hubs;
    if (!Poco::DateTimeParser::tryParse(Poco::DateTimeFormat::HTTP_FORMAT, date, hubs, zone)) return;
    const Millis theirs{hubs.timestamp().epochMicroseconds() / 1000};
    const Millis ahead = cli_.clock.wall().time_since_epoch() - theirs;
    const auto seconds = std::to_string(std::max(ahead, -ahead).count() / 1000);
    if (std::max(ahead, -ahead) < kWrongClock) return ok("clock", "agrees with the hub's");
    warn("clock", seconds + " s " + (ahead > Millis{} ? "ahead of" : "behind") + " the hub's",
         "set it: indexes expire, and certificates are valid, by the clock");
  }

  void checkIndex(HubClient& hub) {
    const auto platform = PlatformId::parse(facts_.platforms.front());
    const auto text = hub.index(*platform);
    if (!text) return fail("index", text.error());
    const auto index = ReleaseIndex::parse(text->text);
    if (!index) return fail("index", index.error());
    const std::string which = "index " + std::to_string(index->sequence) + " of " + formatTime(index->issued);
    const auto left = index->expires - cli_.clock.wall();
    if (left <= Millis{})
      return fail("index", which + " has expired: nothing new is installed", "the hub needs its index key");
    if (left < kSoon) return warn("index", which + " expires " + formatTime(index->expires), "the hub needs its index key");
    ok("index", which + ", expires " + formatTime(index->expires));
  }

  Cli& cli_;
  const Path root_;
  const PlatformFacts& facts_;
  std::optional<AgentConnection> agent_;
  std::optional<Json> node_;
  std::vector<NodeCheck> checks_;
};

}  // namespace

std::vector<NodeCheck> examineNode(Cli& cli) { return Doctor(cli).examine(); }

JsonArray toJson(const std::vector<NodeCheck>& checks) {
  JsonArray rows;
  for (const auto& check : checks) {
    rows.add(JsonObject()
                 .set("check", check.name)
                 .set("verdict", name(check.verdict))
                 .set("why", check.why)
                 .set("hint", check.hint));
  }
  return rows;
}

}  // namespace tenon::host
