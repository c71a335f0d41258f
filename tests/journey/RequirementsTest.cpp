// Services that need each other: what is refused, with the chain, and that nothing changes then.
#include <filesystem>

#include "tests/journey/Journey.h"
#include "tests/journey/langid/Langid.h"

namespace tenon::host {

class Requirements : public Journey {
 protected:
  void SetUp() override {
    startHub();
    startAgent();
  }
  // A copy of the sample under another name. `required`: "" or {"service": …, "version": …}.
  std::string make(const std::string& service, const std::string& version, const std::string& required = "") {
    const std::string folder = path(service + "-" + version);
    std::filesystem::rename(langid(version), folder);
    replaceIn(folder + "/service.json", "\"service_id\": \"langid\"",
              "\"requires\": [" + required + "], \"service_id\": \"" + service + "\"");
    return folder;
  }
  void publishNext(const std::string& folder) { publish(folder, ++sequence_); }
  void publishAs(const std::string& service, const std::string& version, const std::string& required = "") {
    publishNext(make(service, version, required));
  }
  static std::string on(const std::string& service, const std::string& range) {
    return R"({"service": ")" + service + R"(", "version": ")" + range + "\"}";
  }
  std::string allServices() const {
    std::string all;
    for (const std::string service : {"captions", "lexicon", "translate"}) {
      if (std::filesystem::exists(serviceFolder(service))) all += snapshot(serviceFolder(service));
    }
    return all;
  }
  // Refused with this chain, and nothing is changed.
  void expectUnmet(const std::string& arguments, const std::string& chain) {
    const auto before = allServices();
    const auto outcome = tenon(arguments);
    EXPECT_EQ(outcome.status, 1) << outcome.out << outcome.err;
    EXPECT_NE(outcome.err.find("error dependency-unmet"), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find(chain), std::string::npos) << outcome.err;
    EXPECT_EQ(allServices(), before);
  }
  void install(const std::string& spec) {
    const auto installed = tenon("install " + spec);
    ASSERT_EQ(installed.status, 0) << installed.err;
  }

 private:
  int sequence_ = 0;
};

TEST_F(Requirements, AreMetBeforeAServiceIsInstalledAndWhileItStays) {
  publishAs("lexicon", "1.4.0");
  publishAs("translate", "1.0.0", on("lexicon", "^1.2"));
  expectUnmet("install translate", "translate 1.0.0 → lexicon ^1.2: lexicon is not installed");
  install("lexicon");
  install("translate");
  expectUnmet("remove lexicon", "translate 1.0.0 → lexicon ^1.2: lexicon would be gone");
  publishAs("lexicon", "2.0.0");
  expectUnmet("upgrade lexicon", "translate 1.0.0 → lexicon ^1.2: lexicon would be at 2.0.0");
  const auto plan = tenon("plan upgrade lexicon");
  EXPECT_NE(plan.out.find("dependency-unmet"), std::string::npos) << plan.out;
  EXPECT_EQ(tenon("remove translate").status, 0);
  EXPECT_EQ(tenon("upgrade lexicon").status, 0);
  expectUnmet("install translate", "translate 1.0.0 → lexicon ^1.2: lexicon is at 2.0.0");
}

// Where in events.jsonl a service first has this state, behind `from`.
std::size_t firstEvent(const std::string& events, std::size_t from, const std::string& type, const std::string& service) {
  for (std::size_t at = from; at < events.size(); at = events.find('\n', at) + 1) {
    const std::string line = events.substr(at, events.find('\n', at) - at);
    const bool isIt =
        line.find("\"" + type + "\"") != std::string::npos && line.find("\"" + service + "\"") != std::string::npos;
    if (isIt) return at;
    if (events.find('\n', at) == std::string::npos) break;
  }
  return std::string::npos;
}

TEST_F(Requirements, AreStartedFirstAfterABoot) {
  const auto late = make("zz-lexicon", "1.0.0");
  startsLate(late, 1);
  publishNext(late);
  publishAs("captions", "1.0.0", on("zz-lexicon", "^1"));
  install("zz-lexicon");
  install("captions");
  const auto pids = {status("zz-lexicon")["pid"], status("captions")["pid"]};
  endAgent(End::Killed);
  for (const auto& pid : pids) killProcess(std::stol(pid));
  const std::size_t before = readText(root() + "/events.jsonl").size();
  startAgent();
  ASSERT_TRUE(eventually([&] { return status("captions")["state"] == "ready"; }));
  const std::string events = readText(root() + "/events.jsonl");
  const auto needed = firstEvent(events, before, "service-ready", "zz-lexicon");
  const auto needing = firstEvent(events, before, "service-starting", "captions");
  ASSERT_NE(needed, std::string::npos) << events.substr(before);
  ASSERT_NE(needing, std::string::npos) << events.substr(before);
  EXPECT_LT(needed, needing) << events.substr(before);
}

TEST_F(Requirements, ThatLeadBackAreRefusedWithTheWholeChain) {
  publishAs("lexicon", "1.0.0");
  publishAs("translate", "1.0.0", on("lexicon", "*"));
  publishAs("captions", "1.0.0", on("translate", "^1"));
  for (const std::string service : {"lexicon", "translate", "captions"}) install(service);
  publishAs("lexicon", "1.1.0", on("captions", "^1"));
  expectUnmet("upgrade lexicon", "lexicon 1.1.0 → captions ^1 → translate ^1 → lexicon *: ");
}

TEST_F(Requirements, APlanNamesWhoDoesWithoutMeanwhile) {
  publishAs("lexicon", "1.0.0");
  publishAs("translate", "1.0.0", on("lexicon", "^1"));
  publishAs("captions", "1.0.0", on("translate", "^1"));
  for (const std::string service : {"lexicon", "translate", "captions"}) install(service);
  const auto cold = make("lexicon", "1.1.0");
  replaceIn(cold + "/service.json", "\"warm\"", "\"cold\"");
  writeNoise(cold + "/models/noise", 3'000'000);
  publishNext(cold);
  const auto plan = Json::parse(tenon("plan upgrade lexicon -o json").out);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->find("disturbs")->strings().value(), (std::vector<std::string>{"lexicon", "captions", "translate"}));
  const auto bytes = [&](const char* name) { return plan->find(name)->integer(0, INT64_MAX).value(); };
  EXPECT_GE(bytes("disk_free_bytes") - bytes("disk_free_after_bytes"), 3'000'000);
  EXPECT_LT(bytes("disk_free_bytes") - bytes("disk_free_after_bytes"), 4'000'000);
}

// A release may be brought here before what it requires.
TEST_F(Requirements, AreAskedForWhenAReleaseBecomesCurrent) {
  publishAs("lexicon", "1.0.0");
  publishAs("translate", "1.0.0", on("lexicon", "^1"));
  install("translate --no-activate");
  expectUnmet("activate translate@1.0.0", "lexicon is not installed");
  install("lexicon");
  const auto plan = Json::parse(tenon("plan install translate -o json").out);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->find("requires")->strings().value(), std::vector<std::string>{"lexicon ^1"});
  EXPECT_TRUE(plan->find("problems")->array()->empty());
  EXPECT_EQ(tenon("activate translate@1.0.0").status, 0);
}

}  // namespace tenon::host
