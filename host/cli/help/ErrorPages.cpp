#include "host/cli/help/ErrorPages.h"

#include <array>
#include <cstdlib>
#include <utility>

namespace tenon::host {

namespace {

constexpr std::pair<ErrorCode, ErrorPage> kPages[] = {
    {ErrorCode::SignatureInvalid,
     {"A package, or what describes it, is not signed, or a signature does not fit its bytes.",
      "The package was packed without a key, was changed after signing, or was damaged on its way.",
      "Fetch it again. If it stays, ask its author for a package signed anew; do not run this one."}},
    {ErrorCode::KeyUnknown,
     {"The package is signed, by a key that this node does not trust.",
      "The author's key was never given to this node, or somebody else signed the package.",
      "Compare the key id with what the author publishes. If it is right: tenon key trust FILE.pub; where a root decides, "
      "tenon "
      "trust rotate."}},
    {ErrorCode::KeyRevoked,
     {"The package is signed by a key that was withdrawn.",
      "The key may have been stolen; whatever it signed is refused from then on.",
      "Get a release signed by the author's new key."}},
    {ErrorCode::KeyRole,
     {"A key is used for what it is not meant for, or two keys claim one name.",
      "A release key signed a hub's document, or an alias is taken by another key.",
      "Use the key that has this role (tenon trust show); give each key its own alias."}},
    {ErrorCode::ThresholdUnmet,
     {"Fewer keys signed a document than its rules ask for.",
      "Signatures are missing, or one key was counted once though it signed twice.",
      "tenon trust show says whose are missing; each is added with tenon trust sign."}},
    {ErrorCode::FormatInvalid,
     {"A document can't be read: its text breaks the rules of its format.",
      "A typing error, a wrong type, a duplicate key, or a tool that writes another dialect.",
      "The message names the place, with its line. Mend it there."}},
    {ErrorCode::MetadataRollback,
     {"A hub offers metadata older than what this node has seen.",
      "The hub was restored from a backup, or somebody replays old answers.",
      "Check the hub; docs/trust.md, Recovery, says how to go on. Nothing was changed on this node."}},
    {ErrorCode::MetadataEquivocation,
     {"A hub shows two different documents under one number.", "The hub was taken over, or two hubs share one key.",
      "Check the hub and its key. Nothing was changed on this node."}},
    {ErrorCode::MetadataExpired,
     {"What the hub says is older than it may be.",
      "The hub no longer refreshes its index, or this machine's clock is wrong.",
      "Check the clock, then the hub. Running services are not touched."}},
    {ErrorCode::BindingMismatch,
     {"The package is properly signed, for another service, version or platform than was asked for.",
      "A file was put in the wrong place on the hub, or somebody exchanged two packages.",
      "Publish the right file. Nothing was unpacked."}},
    {ErrorCode::DowngradeRefused,
     {"The release is older than the one that is current.",
      "An old release that is properly signed may hold mended holes again.",
      "tenon rollback goes to the release before. To install an older one on purpose: --allow-downgrade"}},
    {ErrorCode::ReleaseRevoked,
     {"The release was withdrawn by its author.",
      "It turned out to be harmful or broken: yanked from the hub, or revoked by the root.",
      "Install a newer release. What runs of it runs on until you do."}},
    {ErrorCode::ReleaseRefused,
     {"This very release failed on this node before.",
      "Its trial ended in a failure; the change that tried it keeps the evidence.",
      "Publish a mended version, or try it again on purpose with --force."}},
    {ErrorCode::PathUnsafe,
     {"A name in the package could reach outside it, or means different things on different systems.",
      "\"..\", an absolute path, a device name of Windows, two names that differ only in case, a link that leaves the "
      "package.",
      "Rename the file and pack again. Nothing was unpacked."}},
    {ErrorCode::ArchiveInvalid,
     {"The zip is damaged, or two programs could understand it differently.",
      "A broken download, a tool that writes unusual zips, or an attack.",
      "Pack it with tenon pack. Nothing was unpacked."}},
    {ErrorCode::ArchiveLimit,
     {"The package is larger, deeper or has more files than is allowed.",
      "A mistake in packing, or a zip made to fill the disk.", "Make the package smaller; the message names the limit."}},
    {ErrorCode::ContentMismatch,
     {"Bytes are not those that were signed or announced.", "Damage on the way, a disk fault, or a changed file.",
      "Fetch it again. If it stays, the file on the hub is wrong."}},
    {ErrorCode::ContentExtra,
     {"The zip holds a file that its MANIFEST does not name.", "Somebody added it after signing.",
      "Get the package from its author. Nothing of it is kept."}},
    {ErrorCode::ContentMissing,
     {"A file that must be there is not.",
      "files.requires names it, or MANIFEST does, and the folder or zip lacks it; or a file ends too early.",
      "Add the file and pack again."}},
    {ErrorCode::PlatformUnsupported,
     {"There is no variant for this machine, or the machine can't do what was asked.",
      "The package is for another platform than this node's adapters satisfy.",
      "Pack a variant for one of the platforms that the message names."}},
    {ErrorCode::DriverMissing,
     {"No plugin answers this exec.type.", "The driver is not installed, or its name is misspelt.",
      "tenon drivers shows what there is and what keeps one from working."}},
    {ErrorCode::DriverAmbiguous,
     {"Two plugins answer this exec.type.", "Both are loaded, and service.json does not say which is meant.",
      "Add the line that the message shows to service.json."}},
    {ErrorCode::DriverIncompatible,
     {"A plugin and this host don't understand each other.", "One was built for an SDK that the other does not know.",
      "The message says which of the two to upgrade."}},
    {ErrorCode::DriverCrashed,
     {"A driver died, or answered what is no answer.",
      "A bug in the plugin. Services that run are not touched; they need no driver.",
      "Tell the plugin's vendor; tenon drivers shows its version."}},
    {ErrorCode::DriverQuarantined,
     {"A driver is set aside since it keeps failing.", "It crashed several times in a short while.",
      "Install a mended version of the plugin."}},
    {ErrorCode::PlanInvalid,
     {"The service can't be launched as it is described.", "A field of exec is missing or wrong, or a ${NAME} is not known.",
      "The message names the field of service.json."}},
    {ErrorCode::ConformanceFailed,
     {"A plugin did not pass tenon plugin check.",
      "A check failed, or none of the requests led to a plan, so that the checks looked at refusals alone.",
      "The table names the checks; tenon explain CHECK says what each means and how to mend it."}},
    {ErrorCode::NetworkUnreachable,
     {"The other side does not answer.", "It is not running, the address is wrong, or the network is down.",
      "Check the address, and that the server runs."}},
    {ErrorCode::NetworkSlow,
     {"A transfer fell below the least rate that is accepted.", "A bad line, or a server that answers a byte at a time.",
      "Try again: what has come is kept, and the rest is fetched."}},
    {ErrorCode::NetworkProtocol,
     {"The other side answered something that is no proper answer.",
      "An error page, a proxy in between, an answer that ended early.",
      "Look at the address with a browser; is it a Model Hub?"}},
    {ErrorCode::RedirectRefused,
     {"The other side sends us to another place, and we don't follow.",
      "A redirect to another host, or to a file, or in a circle.", "Give the final address itself."}},
    {ErrorCode::PreconditionFailed,
     {"Something changed between looking and acting.", "Another operation came in between.", "Look again, then repeat."}},
    {ErrorCode::DiskFull,
     {"There is not enough room.", "The package needs room for itself and for what it unpacks to, and a margin.",
      "Free what the message says; tenon plan tells beforehand. Nothing was changed."}},
    {ErrorCode::IoError,
     {"The disk or the operating system refused.", "A fault of the hardware, a read-only file system, too many open files.",
      "The message names the file and what the system said."}},
    {ErrorCode::Busy,
     {"Something else holds what this needs.", "Another change of the same service runs, or another agent has the folder.",
      "Wait for it, then try again; tenon changes shows it."}},
    {ErrorCode::StateCorrupt,
     {"A file of this node does not say what it once said.", "A disk fault, or it was edited by hand.",
      "The agent repairs what can be derived at its start; the message names the file."}},
    {ErrorCode::NotFound,
     {"There is no such thing here.", "A name is misspelt, or it was never installed or published.",
      "tenon list and tenon status show what is here."}},
    {ErrorCode::AlreadyExists,
     {"It is there already.", "A version is published once; a key is never overwritten.",
      "Choose another version or name."}},
    {ErrorCode::SpawnFailed,
     {"The program could not be started.",
      "It is missing, not executable, for another machine, or its interpreter is missing.",
      "The message names the file and what the system said."}},
    {ErrorCode::PortTaken,
     {"No port could be had.", "Another program listens there, and on the hundred after it.",
      "Stop the other program, or give the service another default_port."}},
    {ErrorCode::HealthTimeout,
     {"The release was started and never became healthy.",
      "Its health check did not answer well before startup_grace_ms was over, or stopped doing so in its probation.",
      "tenon changes N --evidence shows what it logged and answered."}},
    {ErrorCode::CrashLoop,
     {"The release ends again and again.", "It exits by itself; the message says with what.",
      "tenon changes N --evidence, or tenon logs ID@VERSION"}},
    {ErrorCode::NoGoodRelease,
     {"Neither the new release nor the one before could be started.",
      "What both need is missing on this node: a port, a device, data.",
      "Both are stopped. Look at their logs, mend the cause, then: tenon start ID"}},
    {ErrorCode::DependencyUnmet,
     {"A service that another one requires is missing, or would be, or has the wrong version.",
      "The message shows the chain, as `requires` of each service.json has it.",
      "Install what is missing first; where services require each other in a circle, publish one that does not."}},
    {ErrorCode::LimitExceeded,
     {"Something is larger than is accepted.", "A limit on what comes from outside; the message names it.",
      "Make it smaller."}},
    {ErrorCode::ResourceMissing,
     {"The machine lacks what the service needs.",
      "A runtime, memory, a graphics card, or an environment value that must be set.", "The message names it."}},
    {ErrorCode::Denied,
     {"It is not permitted.", "The user has no right to the file, or a policy forbids it.",
      "Run it as the right user; look at the policy that the message names."}},
    {ErrorCode::Unauthenticated,
     {"Who asks is not known.", "The token is missing or wrong.",
      "Send the token; its file is named where the server was started."}},
    {ErrorCode::Cancelled,
     {"It was stopped before its end.", "Somebody aborted it, or the agent ended meanwhile.", "Begin it again."}},
    {ErrorCode::Timeout,
     {"It took longer than you were willing to wait.", "It may still go on.", "tenon changes shows how it ends."}},
    {ErrorCode::Usage,
     {"The command or request is not understood.", "A misspelt word, or something missing.",
      "tenon --help, or tenon COMMAND --help"}},
    {ErrorCode::Internal,
     {"Tenon itself made a mistake.", "A bug.", "Please report it, with the message and the log of the agent."}},
};

constexpr bool everyCodeHasItsPage() {
  std::size_t row = 0;
#define TENON_ROW(id, text, http, exit) \
  if (row >= std::size(kPages) || kPages[row++].first != ErrorCode::id) return false;
  TENON_ERROR_CODES(TENON_ROW)
#undef TENON_ROW
  return row == std::size(kPages);
}
static_assert(everyCodeHasItsPage(), "one page a code, in the order of the codes");

}  // namespace

const ErrorPage& errorPage(ErrorCode code) { return kPages[static_cast<std::size_t>(code)].second; }

std::string errorPagesAsMarkdown() {
  std::string text =
      "# Error codes\n"
      "`tenon explain CODE` shows the same. This file is made by `tenon explain all-as-markdown`; a test compares the "
      "two.\n";
  for (const auto& [code, page] : kPages) {
    text += "\n## " + std::string(name(code)) + "\n";
    text += "exit status " + std::to_string(exitStatus(code)) + ", HTTP " + std::to_string(httpStatus(code)) + "\n\n";
    text += std::string(page.what) + " " + std::string(page.why) + "\n\n**Next:** " + std::string(page.next) + "\n";
  }
  return text;
}

}  // namespace tenon::host
