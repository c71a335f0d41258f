#include "host/conformance/CheckPages.h"

#include <algorithm>

namespace tenon::host {

namespace {

constexpr std::array<CheckPage, kChecks> kPages = {{
    {check::kManifest,
     "The manifest can be read, names the ABI numbers, the family and the SHA-256 (where it has one) that the library has, "
     "and "
     "each exec type of `provides` is answered. An exec type that it does not provide is refused.",
     "A node would not load the plugin, or would ask it about services of another kind and launch them wrongly.",
     "Mend NAME.plugin.json beside the library. In plan(): refuse what is not yours, in the C++ wrapper by "
     "r.requireType(\"mine\")."},
    {check::kExports, "The library exports tenon_plugin_v1 and nothing else. The file is read; none of its code runs.",
     "A symbol of yours could take the place of one of another plugin, or of the host, in the process that loads both.",
     "Build it with tenon_add_plugin of the SDK, which brings the version script; -fvisibility=hidden alone lets templates "
     "of "
     "the standard library through."},
    {check::kLoads,
     "Loading, opening, one fingerprint and one plan leave no thread, descriptor, signal handler, environment variable or "
     "locale behind. It tells how long loading took; more than 100 ms is said, and is no failure.",
     "The agent runs for months with what your plugin left; a changed locale or handler changes what others do.",
     "Start no threads, close what you open, and do without setenv, setlocale and signal, in constructors of globals, too."},
    {check::kRepeatable,
     "Each request is planned 1,000 times in a row and 1,000 times by 8 threads at once: the answers are the same, byte by "
     "byte, and the host understands them.",
     "A plan is made at install and kept; the same release would start differently on two nodes, or after an upgrade.",
     "plan() is pure: no counters, no clock, no addresses, no order of unordered containers, no state that changes."},
    {check::kHosting,
     "Each request gives the same bytes in a process that is shut in and has no environment (tenon-plugin-host) and in one "
     "of "
     "tenon itself, which has a PATH and the rights of whoever runs the check.",
     "The same release would be planned differently wherever a node runs the plugin otherwise.",
     "In plan(), take what the request says, not what the process has: no getenv, no PATH, no files but the package's, no "
     "network."},
    {check::kNonsense,
     "10,000 documents, made of the requests by a seed (--seed, --documents), are answered without a crash, within their "
     "time, by one "
     "plan "
     "or one problem; a refusal of a document that can be read names its field.",
     "One odd service.json would cost a node its driver, or its author would not learn what to mend.",
     "tenon plugin replay FILE shows the call. Read members by their type, and throw tenon::invalid(\"exec.entry\", "
     "\"...\")."},
    {check::kMembers, "A member that nobody knows changes no answer; the same member in must_understand is refused.",
     "A newer Tenon could not add a member without breaking the plugin, or would believe that the plugin heeds one.",
     "Ignore what you do not know. Look at must_understand; the C++ wrapper does."},
    {check::kEnds,
     "A fingerprint comes within its 10 s. Where the host takes no document any more, the call returns TENON_CANCELLED and "
     "offers no second one.",
     "The host would wait for it, kill the process, and after three times leave the plugin alone.",
     "Ask no network and run no slow program in fingerprint(); return what the sink's document() tells you to."},
    {check::kGolden, "Each folder of --golden gives the plan.json or problem.json that lies in it.",
     "What your plugin does has changed: services that are installed would be planned otherwise after its upgrade.",
     "Look at the difference. If it is meant, write the new answer into the folder and tell your users."},
    {check::kLaunch,
     "With --service DIR: the plan starts the service, the process that started it is killed, a new one finds the service "
     "running and healthy, and it ends within its grace when it is asked to.",
     "The plan is of no use on a node, or the service would not live through an upgrade of the agent.",
     "tenon run DIR --driver LIB shows what the service says. A program that starts another and ends is not supervised: "
     "plan "
     "the one that stays."},
}};

constexpr std::string_view kHead = R"(# Is my driver fit for others' nodes?
```
tenon plugin check build/mydriver.so                                        # what can be told of the library alone
tenon plugin check build/mydriver.so --golden golden --service my-service   # all of it
tenon plugin check build/mydriver.so --result conformance.json --key vendor.key
tenon plugin replay failed-calls/mydriver-survives-nonsense.json            # the call that a check failed on, again
```
A table, one row a check; exit status 0 where all pass. A check that needs what was not given is skipped, and says so. A driver
that never gave a plan has proven little: the outcome is then `inconclusive`, until --golden or --service brings a request that
leads to one.

The library runs in processes of their own, never in the one that you start: a crash fails the check that it came in.
`loads-cleanly`, `plan-repeatable`, `hosting-same`, `ends-when-told` and `launch-adopted` run it with your rights, so check what
you would run; in the others its process is shut in as on a node ([plugins](plugins.md)).

`--golden DIR` has a folder a case: `request.json` (tenon.plan-request/1, `@PACKAGE@` where the package's folder stands) and
`plan.json` or `problem.json`; `package.txt` lists the package's files, `KIND PATH` a line. KIND is `text`, `script`, `elf-x64`,
`elf-arm64`, `elf-x64-glibc-2.99`, `pe-x64` (the beginning of such a file), or `@FILE` of that folder. The order of an object's
members says nothing.

`--result FILE` writes what the table says, with the plugin's name and version, the library's SHA-256, tenon's version and the
date; `--key FILE.key` signs it into FILE.sig (`ed25519 KEY-ID BASE64`, over the file's bytes).

`tenon explain ID` shows a check's section. This file is made by `tenon explain checks-as-markdown`; a test compares the two.
)";

}  // namespace

const std::array<CheckPage, kChecks>& checkPages() { return kPages; }

const CheckPage* checkPage(std::string_view id) {
  const auto found = std::find_if(kPages.begin(), kPages.end(), [&](const auto& page) { return page.id == id; });
  return found == kPages.end() ? nullptr : &*found;
}

std::string checkPagesAsMarkdown() {
  std::string text(kHead);
  for (const auto& page : kPages) {
    text += "\n## " + std::string(page.id) + "\n" + std::string(page.proves) + "\n\n**A failure means:** " +
            std::string(page.means) + "\n\n**Mend it:** " + std::string(page.mend) + "\n";
  }
  return text;
}

}  // namespace tenon::host
