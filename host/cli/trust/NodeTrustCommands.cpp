// trust init, show, publish; key list, trust, revoke; yank: what is asked of a node or a hub.
#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "host/base/Log.h"
#include "host/cli/AgentConnection.h"
#include "host/cli/KeyFiles.h"
#include "host/cli/Printing.h"
#include "host/cli/trust/TrustVerbs.h"
#include "host/pack/Publisher.h"
#include "host/package/HubClient.h"
#include "host/package/trust/FollowedRoots.h"
#include "host/store/PackageLayout.h"

namespace tenon::host {

namespace {

// The agent reads its trust when it starts and follows from there: nobody else writes while it runs.
Result<int> init(Cli& cli, const std::string& file) {
  const PackageLayout layout(cli.absolute(cli.root));
  TENON_TRY(const auto root,
            withContext("a root and its .sig beside it", readSigned(cli.files(), cli.absolute(file), limits::kRootBytes)));
  TENON_CHECK(cli.files().makeFolders(layout.run()));
  auto lock = FileLock::acquire(cli.files(), layout.agentLock());
  if (!lock && lock.error().code() == ErrorCode::Busy) {
    return Error{ErrorCode::Busy, "an agent runs for " + layout.root().text()}.withHint(
        "stop it first, or start it with --trust " + file + "; its services run on meanwhile");
  }
  if (!lock) return std::move(lock).error();
  TENON_TRY(auto roots, FollowedRoots::open(cli.files(), layout));
  TENON_TRY(const bool isNew, roots.take(root));
  const std::uint64_t version = roots.inForce()->version;
  cli.answer(JsonObject().set("mode", "root").set("root_version", version).set("new", isNew),
             layout.root().text() + " trusts by root " + std::to_string(version) + (isNew ? "" : "; it did so before"));
  return 0;
}

std::string words(const Json& row, std::string_view list) {
  std::string text;
  if (const auto member = row.find(list)) {
    for (const auto& word : member->strings().value_or(std::vector<std::string>{})) text += (text.empty() ? "" : " ") + word;
  }
  return text;
}

Result<void> printKeyRows(Cli& cli, const Json& answer) {
  TENON_TRY(const auto member, answer.member("keys"));
  TENON_TRY(const auto rows, member.array());
  std::vector<std::vector<std::string>> cells;
  for (const auto& row : rows) {
    const bool revoked = row.booleanOr("revoked", false).value_or(false);
    cells.push_back({row.stringOr("key_id", "").value_or(""), revoked ? "revoked" : words(row, "roles"),
                     escapeControls(row.stringOr("alias", "").value_or("")),
                     escapeControls(row.stringOr("source", "").value_or(""))});
  }
  printTable(cli.out, {"KEY ID", "ROLES", "ALIAS", "FROM"}, cells);
  return {};
}

Result<int> showNode(Cli& cli) {
  TENON_TRY(auto agent, agentOf(cli));
  TENON_TRY(const auto trust, agent.get("/v1/trust"));
  if (cli.isJson()) return cli.out << trust.text() << '\n', 0;
  TENON_TRY(const auto version, trust.integerOr("root_version", 0, 0, INT64_MAX));
  TENON_TRY(const auto mode, trust.stringOr("mode", ""));
  cli.out << (mode == "keys" ? "mode keys: one signature by any of these is enough"
                             : "mode root: root " + std::to_string(version) + " is in force")
          << '\n';
  if (const auto fault = trust.find("fault")) {
    cli.out << "  ✗ " << escapeControls(fault->stringOr("message", "").value_or("")) << '\n';
  }
  if (const auto thresholds = trust.find("thresholds")) {
    TENON_TRY(const auto members, thresholds->members());
    for (const auto& [role, count] : members) cli.out << "  " << role << ": " << count.text() << " must sign\n";
  }
  if (const auto indexes = trust.find("indexes")) {
    TENON_TRY(const auto rows, indexes->array());
    for (const auto& row : rows) {
      cli.out << "  index " << row.stringOr("platform", "").value_or("") << ": last used number "
              << row.integerOr("sequence", 0, 0, INT64_MAX).value_or(0) << '\n';
    }
  }
  if (const auto revoked = trust.find("revoked_releases")) {
    TENON_TRY(const auto rows, revoked->array());
    for (const auto& row : rows) {
      cli.out << "  revoked release: " << row.stringOr("service_id", "").value_or("") << '@'
              << row.stringOr("version", "").value_or("") << '\n';
    }
  }
  TENON_CHECK(printKeyRows(cli, trust));
  return 0;
}

// Of a folder of roots the newest one; of N.json that one.
Result<int> showFolder(Cli& cli, const std::string& text) {
  const Path path = cli.absolute(text);
  TENON_TRY(const auto info, cli.files().inspect(path));
  if (info.kind == FileKind::Folder) {
    TENON_TRY(const auto state, RootCeremony(cli.files(), path).state());
    return printRoot(cli, state), 0;
  }
  TENON_TRY(const auto content, cli.files().readAll(path, limits::kRootBytes));
  TENON_TRY(const auto root, RootDocument::parse(content));
  TENON_TRY(const auto state, RootCeremony(cli.files(), path.parent()).state(root.version));
  printRoot(cli, state);
  return 0;
}

struct HubArguments {
  std::string what, hub, tokenFile;
  bool undo = false;
};

Result<HubAccess> accessOf(Cli& cli, const HubArguments& arguments) {
  TENON_TRY(auto token, readHubToken(cli, arguments.tokenFile));
  return HubAccess{arguments.hub, std::move(token)};
}

Result<int> publishRoot(Cli& cli, const HubArguments& arguments) {
  TENON_TRY(const auto access, accessOf(cli, arguments));
  TENON_TRY(const auto root, withContext("a root and its .sig beside it",
                                         readSigned(cli.files(), cli.absolute(arguments.what), limits::kRootBytes)));
  PocoHttpClient http(cli.way());
  TENON_CHECK(Publisher(cli.files(), http).publishRoot(access, root));
  cli.answer(JsonObject().set("published", arguments.what),
             "published  " + arguments.what + "; nodes follow at their next change");
  return 0;
}

Result<int> yank(Cli& cli, const HubArguments& arguments) {
  TENON_TRY(const auto spec, ReleaseSpec::parse(arguments.what));
  if (!spec.version)
    return Error{ErrorCode::Usage, "a version is yanked"}.withHint("tenon yank " + arguments.what + "@VERSION");
  TENON_TRY(const auto access, accessOf(cli, arguments));
  PocoHttpClient http(cli.way());
  TENON_TRY(auto hub, HubClient::create(http, arguments.hub));
  TENON_TRY(const auto variants, hub.variantsOf(spec.service, *spec.version));
  if (variants.empty()) {
    return Error{ErrorCode::NotFound, arguments.hub + " has no " + spec.service.text() + " " + spec.version->text()};
  }
  for (const auto& variant : variants) {
    TENON_CHECK(Publisher(cli.files(), http).yank(access, variant.release, !arguments.undo));
    cli.answer(JsonObject().set("release", variant.release.text()).set("yanked", !arguments.undo),
               (arguments.undo ? "offered again  " : "yanked  ") + variant.release.text());
  }
  return 0;
}

Result<int> listKeys(Cli& cli) {
  TENON_TRY(auto agent, agentOf(cli));
  TENON_TRY(const auto keys, agent.get("/v1/keys"));
  if (cli.isJson()) return cli.out << keys.text() << '\n', 0;
  TENON_CHECK(printKeyRows(cli, keys));
  return 0;
}

Result<int> trustKeyFile(Cli& cli, const std::string& file) {
  TENON_TRY(const auto text, cli.files().readAll(cli.absolute(file), limits::kKeyFileBytes));
  TENON_TRY(auto agent, agentOf(cli));
  TENON_TRY(const auto done, agent.post("/v1/keys", JsonObject().set("public_key", text)));
  TENON_TRY(const auto id, done.stringOr("key_id", ""));
  cli.answer(JsonObject().set("key_id", id), "trusted  " + id);
  return 0;
}

Result<int> revokeKeyNamed(Cli& cli, const std::string& text) {
  TENON_TRY(const auto id, keyIdNamed(cli, text));
  TENON_TRY(auto agent, agentOf(cli));
  TENON_CHECK(agent.post("/v1/keys/" + id + "/revoke", JsonObject()));
  cli.answer(JsonObject().set("key_id", id).set("revoked", true),
             "revoked  " + id + "; what it signed is refused from now on");
  return 0;
}

void addHubOptions(CLI::App& verb, HubArguments& arguments) {
  addHubOption(verb, arguments.hub)->required();
  addHubTokenOption(verb, arguments.tokenFile);
}

void addKeyVerbs(CLI::App& key, Cli& cli) {
  key.add_subcommand("list", "the keys that this node trusts, and for what")->callback([&cli] {
    cli.command = [&cli] { return listKeys(cli); };
  });
  auto file = std::make_shared<std::string>();
  CLI::App* trustVerb = key.add_subcommand("trust", "trust a release key on this node (mode keys)");
  trustVerb->add_option("file", *file, "")->required()->type_name("FILE.pub");
  trustVerb->callback([&cli, file] { cli.command = [&cli, file] { return trustKeyFile(cli, *file); }; });
  auto id = std::make_shared<std::string>();
  CLI::App* revoke = key.add_subcommand("revoke", "never again trust a key on this node (mode keys)");
  revoke->add_option("key", *id, "")->required()->type_name("FILE.pub|KEY-ID");
  revoke->callback([&cli, id] { cli.command = [&cli, id] { return revokeKeyNamed(cli, *id); }; });
}

}  // namespace

void addNodeTrustVerbs(CLI::App& app, CLI::App& trust, Cli& cli) {
  auto file = std::make_shared<std::string>();
  CLI::App* initVerb = trust.add_subcommand("init", "pin a root on this node: from then on it decides what is installed");
  initVerb->add_option("file", *file, "its signatures lie beside it, in FILE.sig")->required()->type_name("ROOT.json");
  initVerb->callback([&cli, file] { cli.command = [&cli, file] { return init(cli, *file); }; });

  auto path = std::make_shared<std::string>();
  CLI::App* show = trust.add_subcommand("show", "whom this node trusts; or a root and the signatures that it lacks");
  show->add_option("path", *path, "a folder of roots, or one root; default: this node")->type_name("FOLDER|ROOT.json");
  show->callback(
      [&cli, path] { cli.command = [&cli, path] { return path->empty() ? showNode(cli) : showFolder(cli, *path); }; });

  auto root = std::make_shared<HubArguments>();
  CLI::App* publish = trust.add_subcommand("publish", "give a signed root to a hub, whose nodes then follow it");
  publish->add_option("file", root->what, "")->required()->type_name("ROOT.json");
  addHubOptions(*publish, *root);
  publish->callback([&cli, root] { cli.command = [&cli, root] { return publishRoot(cli, *root); }; });

  auto release = std::make_shared<HubArguments>();
  CLI::App* yankVerb = app.add_subcommand("yank", "no longer offer a release; what runs of it runs on");
  yankVerb->add_option("release", release->what, "")->required()->type_name("ID@VERSION");
  addHubOptions(*yankVerb, *release);
  yankVerb->add_flag("--undo", release->undo, "offer it again");
  yankVerb->callback([&cli, release] { cli.command = [&cli, release] { return yank(cli, *release); }; });

  addKeyVerbs(*app.get_subcommand("key"), cli);
}

void addTrustCommands(CLI::App& app, Cli& cli) {
  CLI::App* trust = app.add_subcommand("trust", "roots: who may say what is installed");
  trust->require_subcommand(1);
  addCeremonyVerbs(*trust, cli);
  addNodeTrustVerbs(app, *trust, cli);
}

}  // namespace tenon::host
