// plugin sign: a vendor's. plugin install, remove, list, trust, revoke, keys: asked of a node.
#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "host/base/Log.h"
#include "host/cli/AgentConnection.h"
#include "host/cli/KeyFiles.h"
#include "host/cli/Printing.h"
#include "host/cli/plugin/PluginVerbs.h"
#include "host/cli/trust/TrustVerbs.h"
#include "host/driver/package/PluginPackage.h"
#include "host/store/PackageLayout.h"
#include "host/trust/VendorKeys.h"

namespace tenon::host {

namespace {

struct PluginArguments {
  std::string what;
  std::vector<std::string> keys;
  bool allowDowngrade = false, beside = false, dryRun = false;
};

struct VendorArguments {
  std::string file, name, expires;
  std::vector<std::string> provides, minimum;
  bool inProcess = false;
};

Result<int> signLibrary(Cli& cli, const PluginArguments& arguments) {
  TENON_TRY(const auto plugin, PluginFiles::of(cli.absolute(arguments.what)));
  std::vector<SecretKeyBytes> keys;
  std::vector<std::string> ids;
  for (const auto& file : arguments.keys) {
    TENON_TRY(auto key, readSecretKey(cli, file));
    ids.push_back(keyId(publicKeyOf(key)));
    keys.push_back(std::move(key));
  }
  TENON_CHECK(withContext("sign " + arguments.what, signPlugin(cli.files(), plugin, keys)));
  cli.answer(
      JsonObject().set("signed", arguments.what).set("keys", ids),
      "signed  " + plugin.library.name() + "; it goes with " + plugin.manifest.name() + " and " + plugin.signature.name());
  return 0;
}

// One line a service whose plan is the same, or cannot be made; one a member that differs.
Result<int> printPluginPreview(Cli& cli, const Json& answer) {
  TENON_TRY(const auto member, answer.member("services"));
  TENON_TRY(const auto services, member.array());
  cli.out << cell(answer, "name") << ' ' << cell(answer, "version") << " would be installed, for "
          << cell(answer, "provides")
          << (services.empty() ? "; no service here is of its kind" : "; services run on by the plans that they have")
          << '\n';
  std::vector<std::vector<std::string>> rows;
  for (const auto& service : services) {
    const std::string which = cell(service, "service_id") + " " + cell(service, "version");
    const std::string by = cell(service, "planned_by");
    if (const auto problem = service.find("problem")) {
      rows.push_back({which, by, "would not be planned: " + cell(*problem, "message"), ""});
      continue;
    }
    TENON_TRY(const auto list, service.member("differences"));
    TENON_TRY(const auto differences, list.array());
    if (differences.empty()) rows.push_back({which, by, "the same plan", ""});
    for (const auto& each : differences) {
      rows.push_back({which, by, cell(each, "member"), cell(each, "before") + " -> " + cell(each, "after")});
    }
  }
  if (!rows.empty()) printTable(cli.out, {"SERVICE", "PLANNED BY", "WITH THIS ONE", ""}, rows);
  return 0;
}

Result<int> installPlugin(Cli& cli, const PluginArguments& arguments) {
  TENON_TRY(auto agent, agentOf(cli));
  JsonObject body;
  body.set("library", cli.absolute(arguments.what).text()).set("beside", arguments.beside).set("dry_run", arguments.dryRun);
  TENON_TRY(const auto done, agent.post("/v1/plugins", body.set("allow_downgrade", arguments.allowDowngrade)));
  if (cli.isJson()) return cli.out << done.text() << '\n', 0;
  if (arguments.dryRun) return printPluginPreview(cli, done);
  TENON_TRY(const bool isNew, done.booleanOr("new", true));
  const std::string replaced = cell(done, "replaced");
  cli.out << (isNew ? "installed  " : "installed before  ") << cell(done, "name") << ' ' << cell(done, "version") << ", for "
          << cell(done, "provides") << (replaced.empty() ? "" : "; gone: " + replaced) << std::endl;
  if (const auto rivals = cell(done, "rivals"); !rivals.empty()) {
    cli.out << "           also answered by " << rivals << ": what is installed from now on needs \"driver\": \""
            << cell(done, "name") << "\", or theirs, in service.json" << std::endl;
  }
  return 0;
}

Result<int> removePlugin(Cli& cli, const PluginArguments& arguments) {
  const auto at = arguments.what.find('@');
  TENON_TRY(auto agent, agentOf(cli));
  const std::string version = at == std::string::npos ? "" : "?version=" + arguments.what.substr(at + 1);
  TENON_TRY(const auto done, agent.remove("/v1/plugins/" + arguments.what.substr(0, at) + version));
  if (cli.isJson()) return cli.out << done.text() << '\n', 0;
  cli.out << "removed  " << cell(done, "name") << ' ' << cell(done, "removed") << "; services that it planned run on"
          << std::endl;
  return 0;
}

// What is asked of `tenon drivers`, too; here, by whose word each runs.
Result<int> listPlugins(Cli& cli) {
  TENON_TRY(auto agent, agentOf(cli));
  TENON_TRY(const auto answer, agent.get("/v1/drivers"));
  TENON_CHECK(
      printRows(cli, answer, "drivers", {"name", "version", "provides", "hosting", "state", "signed_by", "path", "why"}));
  return 0;
}

Result<VendorKey> keyOf(Cli& cli, const VendorArguments& arguments) {
  VendorKey key;
  TENON_TRY(key.key, readPublicKey(cli, arguments.file));
  key.name = arguments.name;
  key.provides = arguments.provides;
  key.inProcess = arguments.inProcess;
  if (!arguments.expires.empty()) {
    auto time = parseTime(arguments.expires + "T00:00:00.000Z");
    if (!time) return Error(ErrorCode::Usage, "--expires " + arguments.expires + ": expected a day, as 2027-12-31");
    key.expires = *time;
  }
  for (const auto& text : arguments.minimum) {
    const auto at = text.find('@');
    auto version = SemVer::parse(at == text.npos ? "" : std::string_view(text).substr(at + 1));
    if (!version) return Error(ErrorCode::Usage, "--minimum " + text + ": expected PLUGIN@VERSION");
    key.minimum.emplace(text.substr(0, at), *std::move(version));
  }
  return key;
}

// The agent reads its keys when it starts; what its API does not grant is written while none runs.
Result<void> trustWithoutAgent(Cli& cli, const VendorKey& key) {
  const PackageLayout layout(cli.absolute(cli.root));
  TENON_CHECK(cli.files().makePrivateFolders(layout.trust()));
  TENON_CHECK(cli.files().makePrivateFolders(layout.run()));
  const auto lock = FileLock::acquire(cli.files(), layout.agentLock());
  if (!lock && lock.error().code() == ErrorCode::Busy) {
    return Error(ErrorCode::Busy,
                 "an agent runs for " + layout.root().text() + ", and its API allows no plugin to run in it")
        .withHint("stop it, trust the key, start it; its services run on meanwhile");
  }
  if (!lock) return lock.error();
  VendorKeys keys(cli.files(), cli.clock, layout.vendorKeys());
  TENON_CHECK(keys.open());
  return keys.trust(key);
}

Result<int> trustVendor(Cli& cli, const VendorArguments& arguments) {
  TENON_TRY(const auto key, keyOf(cli, arguments));
  if (key.inProcess) {
    TENON_CHECK(trustWithoutAgent(cli, key));
  } else {
    TENON_TRY(auto agent, agentOf(cli));
    TENON_CHECK(agent.post("/v1/plugin-keys", key.members()));
  }
  std::string types;
  for (const auto& type : key.provides) types += (types.empty() ? "" : " ") + type;
  cli.answer(JsonObject().set("key_id", key.id()).set("provides", key.provides),
             "trusted  " + key.id() + ", for plugins that provide " + escapeControls(types));
  return 0;
}

Result<int> revokeVendor(Cli& cli, const std::string& text) {
  TENON_TRY(const auto id, keyIdNamed(cli, text));
  TENON_TRY(auto agent, agentOf(cli));
  TENON_CHECK(agent.post("/v1/plugin-keys/" + id + "/revoke", JsonObject()));
  cli.answer(JsonObject().set("key_id", id).set("revoked", true),
             "revoked  " + id + "; its plugins are refused from now on, services that they planned run on");
  return 0;
}

Result<int> listVendorKeys(Cli& cli) {
  TENON_TRY(auto agent, agentOf(cli));
  TENON_TRY(const auto answer, agent.get("/v1/plugin-keys"));
  TENON_CHECK(printRows(cli, answer, "keys", {"key_id", "name", "provides", "in_process", "expires", "minimum", "revoked"}));
  return 0;
}

using SharedPluginArguments = std::shared_ptr<PluginArguments>;

SharedPluginArguments addPluginVerb(CLI::App& verb, Cli& cli, const std::string& operand,
                                    Result<int> (*run)(Cli&, const PluginArguments&)) {
  auto arguments = std::make_shared<PluginArguments>();
  verb.add_option("plugin", arguments->what, "")->required()->type_name(operand);
  verb.callback([&cli, arguments, run] { cli.command = [&cli, arguments, run] { return run(cli, *arguments); }; });
  return arguments;
}

void addTrustVerb(CLI::App& verb, Cli& cli) {
  auto scope = std::make_shared<VendorArguments>();
  verb.add_option("key", scope->file, "")->required()->type_name("FILE.pub");
  verb.add_option("--provides", scope->provides, "exec types that its plugins may answer; * is all")
      ->required()
      ->type_name("TYPE");
  verb.add_option("--name", scope->name, "whose key it is, for people");
  verb.add_option("--expires", scope->expires, "the day from which on nothing new of it is installed")->type_name("DAY");
  verb.add_option("--minimum", scope->minimum, "nothing older of a plugin counts")->type_name("PLUGIN@VERSION");
  verb.add_flag("--in-process", scope->inProcess, "its plugins run in the agent itself; only while no agent runs");
  verb.callback([&cli, scope] { cli.command = [&cli, scope] { return trustVendor(cli, *scope); }; });
}

}  // namespace

void addNodePluginVerbs(CLI::App& plugin, Cli& cli) {
  CLI::App* sign = plugin.add_subcommand("sign", "sign a plugin, with its manifest beside it, as its vendor");
  const auto signing = addPluginVerb(*sign, cli, "LIBRARY", &signLibrary);
  sign->add_option("--key", signing->keys, "a secret key of tenon key gen; several sign side by side")
      ->required()
      ->type_name("FILE");
  CLI::App* installVerb = plugin.add_subcommand("install", "install a signed plugin on this node; older versions of it go");
  const auto installing = addPluginVerb(*installVerb, cli, "LIBRARY", &installPlugin);
  installVerb->add_flag("--beside", installing->beside, "keep the versions that are here, for services that pin one");
  installVerb->add_flag("--allow-downgrade", installing->allowDowngrade, "also one older than what is here");
  installVerb->add_flag("--dry-run", installing->dryRun, "verify and try it: how it would plan the services that are here");
  addPluginVerb(*plugin.add_subcommand("remove", "remove a plugin from this node; services that it planned run on"), cli,
                "NAME[@VERSION]", &removePlugin);
  plugin.add_subcommand("list", "the plugins of this node, and by whose word they run")->callback([&cli] {
    cli.command = [&cli] { return listPlugins(cli); };
  });
  addTrustVerb(*plugin.add_subcommand("trust", "trust a vendor's key for plugins of some exec types"), cli);
  auto id = std::make_shared<std::string>();
  CLI::App* revoke = plugin.add_subcommand("revoke", "never again trust a vendor's key on this node");
  revoke->add_option("key", *id, "")->required()->type_name("FILE.pub|KEY-ID");
  revoke->callback([&cli, id] { cli.command = [&cli, id] { return revokeVendor(cli, *id); }; });
  plugin.add_subcommand("keys", "whose plugins this node takes, and which")->callback([&cli] {
    cli.command = [&cli] { return listVendorKeys(cli); };
  });
}

}  // namespace tenon::host
