// trust create, rotate, sign: an operator with offline keys and a folder of roots. No node, no hub, no network.
#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "host/base/Limits.h"
#include "host/cli/KeyFiles.h"
#include "host/cli/Printing.h"
#include "host/cli/trust/TrustVerbs.h"

namespace tenon::host {

namespace {

struct RoleArguments {
  std::vector<std::string> add, remove;
  std::size_t threshold = 0;  // 0: as it is
};

struct CeremonyArguments {
  std::string folder;
  std::map<TrustRole, RoleArguments> roles;
  std::vector<std::string> revokeKeys, revokeReleases, restoreReleases;
};

Result<std::vector<std::string>> idsNamed(Cli& cli, const std::vector<std::string>& texts) {
  std::vector<std::string> ids;
  for (const auto& text : texts) {
    TENON_TRY(auto id, keyIdNamed(cli, text));
    ids.push_back(std::move(id));
  }
  return ids;
}

Result<std::vector<ReleaseSpec>> releasesNamed(const std::vector<std::string>& texts) {
  std::vector<ReleaseSpec> releases;
  for (const auto& text : texts) {
    TENON_TRY(auto spec, ReleaseSpec::parse(text));
    releases.push_back(std::move(spec));
  }
  return releases;
}

Result<RootChange> changeOf(Cli& cli, const CeremonyArguments& arguments) {
  RootChange change;
  for (const auto& [role, given] : arguments.roles) {
    RoleChange& roleChange = change.roles[role];
    for (const auto& file : given.add) {
      TENON_TRY(const auto key, readPublicKey(cli, file));
      roleChange.add.push_back(key);
    }
    TENON_TRY(roleChange.remove, idsNamed(cli, given.remove));
    if (given.threshold > 0) roleChange.threshold = given.threshold;
  }
  TENON_TRY(change.revokeKeys, idsNamed(cli, arguments.revokeKeys));
  TENON_TRY(change.revokeReleases, releasesNamed(arguments.revokeReleases));
  TENON_TRY(change.restoreReleases, releasesNamed(arguments.restoreReleases));
  return change;
}

JsonArray sidesOf(const SignatureState& state) {
  JsonArray sides;
  for (const auto& side : state.sides) {
    JsonObject row;
    row.set("root_version", side.version).set("threshold", std::uint64_t{side.threshold});
    sides.add(row.set("signed_by", side.signedBy).set("open", side.open));
  }
  return sides;
}

void printKeys(Cli& cli, const RootDocument& root) {
  for (const auto& [roleName, which] : kTrustRoles) {
    const RoleKeys& role = root.role(which);
    cli.out << "  " << roleName << std::string(9 - roleName.size(), ' ') << role.threshold << " of " << role.keys.size()
            << ':';
    for (const auto& id : role.keys) cli.out << ' ' << shortKeyId(id);
    cli.out << '\n';
  }
  if (!root.revokedKeys.empty()) cli.out << "  revoked keys:";
  for (const auto& id : root.revokedKeys) cli.out << ' ' << shortKeyId(id);
  if (!root.revokedKeys.empty()) cli.out << '\n';
  for (const auto& [service, version] : root.revokedReleases) {
    cli.out << "  revoked release: " << service << '@' << version << '\n';
  }
}

Result<int> create(Cli& cli, const CeremonyArguments& arguments) {
  TENON_TRY(const auto change, changeOf(cli, arguments));
  TENON_TRY(const auto state, RootCeremony(cli.files(), cli.absolute(arguments.folder)).create(change));
  printRoot(cli, state);
  return 0;
}

Result<int> rotate(Cli& cli, const CeremonyArguments& arguments) {
  TENON_TRY(const auto change, changeOf(cli, arguments));
  TENON_TRY(const auto state, RootCeremony(cli.files(), cli.absolute(arguments.folder)).rotate(change));
  printRoot(cli, state);
  return 0;
}

Result<int> sign(Cli& cli, const std::string& file, const std::string& keyFile) {
  TENON_TRY(const auto key, readSecretKey(cli, keyFile));
  TENON_TRY(const auto state, RootCeremony::sign(cli.files(), cli.absolute(file), key));
  printRoot(cli, state);
  return 0;
}

void addThreshold(CLI::App& verb, const std::string& role, std::size_t& threshold) {
  verb.add_option("--" + role + "-threshold", threshold, "so many " + role + " keys must sign")
      ->check(CLI::Range(std::size_t{1}, limits::kSignatures))
      ->type_name("N");
}

void addCreate(CLI::App& trust, Cli& cli) {
  auto arguments = std::make_shared<CeremonyArguments>();
  CLI::App* verb = trust.add_subcommand("create", "begin: write root 1 into a folder of roots, to be signed");
  verb->add_option("folder", arguments->folder, "where roots are kept: 1.json, 1.json.sig, 2.json …")
      ->required()
      ->type_name("FOLDER");
  for (const auto& [roleName, which] : kTrustRoles) {
    const std::string role(roleName);
    RoleArguments& given = arguments->roles[which];
    verb->add_option("--" + role + "-key", given.add, "a public key with the role " + role)
        ->required()
        ->type_name("FILE.pub");
    addThreshold(*verb, role, given.threshold);
  }
  verb->callback([&cli, arguments] { cli.command = [&cli, arguments] { return create(cli, *arguments); }; });
}

void addRotate(CLI::App& trust, Cli& cli) {
  auto arguments = std::make_shared<CeremonyArguments>();
  CLI::App* verb = trust.add_subcommand("rotate", "write the next root: other keys, thresholds, revocations; to be signed");
  verb->add_option("folder", arguments->folder, "the folder of roots")->required()->type_name("FOLDER");
  for (const auto& [roleName, which] : kTrustRoles) {
    const std::string role(roleName);
    RoleArguments& given = arguments->roles[which];
    verb->add_option("--add-" + role + "-key", given.add, "gives a key the role " + role)->type_name("FILE.pub");
    verb->add_option("--remove-" + role + "-key", given.remove, "takes it away")->type_name("FILE.pub|KEY-ID");
    addThreshold(*verb, role, given.threshold);
  }
  verb->add_option("--revoke-key", arguments->revokeKeys, "never again for anything")->type_name("FILE.pub|KEY-ID");
  verb->add_option("--revoke-release", arguments->revokeReleases, "not to be installed or started anew")
      ->type_name("ID@VERSION");
  verb->add_option("--restore-release", arguments->restoreReleases, "takes that back")->type_name("ID@VERSION");
  verb->callback([&cli, arguments] { cli.command = [&cli, arguments] { return rotate(cli, *arguments); }; });
}

}  // namespace

Result<std::string> keyIdNamed(Cli& cli, const std::string& text) {
  if (!cli.files().exists(cli.absolute(text))) return text;
  TENON_TRY(const auto key, readPublicKey(cli, text));
  return keyId(key);
}

void printRoot(Cli& cli, const SignatureState& state) {
  if (cli.isJson()) {
    JsonObject object;
    object.set("file", state.file.text()).set("root_version", state.root.version).set("complete", state.isComplete());
    cli.out << object.set("signatures", sidesOf(state)).text() << '\n';
    return;
  }
  cli.out << state.file.text() << "   root " << state.root.version << '\n';
  printKeys(cli, state.root);
  for (const auto& side : state.sides) {
    const bool met = side.signedBy.size() >= side.threshold;
    cli.out << "  " << (met ? "✓" : "✗") << " signed by " << side.signedBy.size() << " of " << side.threshold
            << " that root " << side.version << " asks for";
    if (!met) cli.out << "; open:";
    for (const auto& id : side.open) cli.out << (met ? "" : " " + shortKeyId(id));
    cli.out << '\n';
  }
  if (!state.isComplete()) {
    cli.out << "  next    tenon trust sign " << state.file.text() << " --key SECRET.key\n";
  } else {
    cli.out << "  next    tenon trust publish " << state.file.text() << " --hub URL --token-file FILE\n";
  }
}

void addCeremonyVerbs(CLI::App& trust, Cli& cli) {
  addCreate(trust, cli);
  addRotate(trust, cli);
  auto file = std::make_shared<std::string>();
  auto key = std::make_shared<std::string>();
  CLI::App* verb = trust.add_subcommand("sign", "add one key's signature to a root");
  verb->add_option("file", *file, "N.json in its folder of roots")->required()->type_name("FILE");
  verb->add_option("--key", *key, "a secret root key, of this root or the one before")->required()->type_name("FILE.key");
  verb->callback([&cli, file, key] { cli.command = [&cli, file, key] { return sign(cli, *file, *key); }; });
}

}  // namespace tenon::host
