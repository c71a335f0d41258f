// The author's verbs, which need no agent: key gen, pack, verify, publish.
#include <Poco/Environment.h>
#include <Poco/Path.h>
#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "host/cli/Cli.h"
#include "host/cli/KeyFiles.h"
#include "host/cli/Printing.h"
#include "host/cli/author/AuthorVerbs.h"
#include "host/contract/release/PackagePath.h"
#include "host/hub/BundleMaker.h"
#include "host/pack/KeyPair.h"
#include "host/pack/PackageSigner.h"
#include "host/pack/Packer.h"
#include "host/pack/Publisher.h"
#include "host/package/PackageReader.h"
#include "host/package/Unpacker.h"
#include "host/package/trust/FollowedRoots.h"
#include "host/store/PackageLayout.h"
#include "host/trust/SignatureVerifier.h"

namespace tenon::host {

namespace {

constexpr std::size_t kPackThreads = 2;

Result<int> generateKey(Cli& cli, const std::string& out) {
  TENON_TRY(const auto made, makeKeyPair(cli.files(), cli.absolute(out)));
  cli.answer(JsonObject().set("key_id", made.id).set("secret", made.secret.text()).set("public", made.open.text()),
             made.id + "\n  secret  " + made.secret.text() + "   keep it offline; who has it can sign for you\n  public  " +
                 made.open.text() + "   give it to your nodes: tenon agent --trust " + made.open.text());
  return 0;
}

struct PackArguments {
  std::string folder, output, platform;
  std::vector<std::string> keys;
  std::uint64_t sequence = 0;
};

Result<int> pack(Cli& cli, const PackArguments& arguments) {
  PackRequest request{
      .folder = cli.absolute(arguments.folder), .workingFolder = cli.absolute("."), .sequence = arguments.sequence};
  if (!arguments.output.empty()) request.output = cli.absolute(arguments.output);
  if (!arguments.platform.empty()) {
    TENON_TRY(auto platform, PlatformId::parse(arguments.platform));
    request.platform = std::move(platform);
  }
  for (const auto& file : arguments.keys) {
    TENON_TRY(auto key, readSecretKey(cli, file));
    request.keys.push_back(std::move(key));
  }
  WorkerPool pool(kPackThreads);
  TENON_TRY(const auto packed, Packer(cli.files(), pool).pack(request, cli.progressLine("packed")));
  const auto& release = packed.manifest.release;
  JsonObject object;
  object.set("file", packed.file.text()).set("service_id", release.service.text()).set("version", release.version.text());
  object.set("platform", release.platform.text()).set("sha256", packed.zipSha256.hex()).set("size_bytes", packed.zipBytes);
  object.set("files", static_cast<std::uint64_t>(packed.manifest.files.size())).set("signed", !request.keys.empty());
  cli.answer(object, packed.file.text() + "\n  " + release.text() + "   " + std::to_string(packed.manifest.files.size()) +
                         " files, " + formatBytes(packed.manifest.totalBytes()) + ", zip " + formatBytes(packed.zipBytes) +
                         (request.keys.empty() ? "   unsigned" : ""));
  return 0;
}

struct VerifyArguments {
  std::string file;
  std::vector<std::string> trust;
};

// The keys that were named, else whom this node trusts.
Result<ReleaseSigners> signersFor(Cli& cli, const std::vector<std::string>& keyFiles) {
  KeyRing keys;
  for (const auto& file : keyFiles) {
    TENON_TRY(const auto key, readPublicKey(cli, file));
    TENON_CHECK(keys.add(key, "", file));
  }
  if (!keys.empty()) return ReleaseSigners{.keys = std::move(keys)};
  const PackageLayout layout(cli.absolute(cli.root));
  TENON_TRY(const auto roots, FollowedRoots::open(cli.files(), layout));
  if (roots.inForce() != nullptr) return ReleaseSigners::of(*roots.inForce());
  TENON_TRY(keys, KeyRing::load(cli.files(), layout.trustedKeys()));
  return ReleaseSigners{.keys = std::move(keys)};
}

Result<int> verify(Cli& cli, const VerifyArguments& arguments) {
  TENON_TRY(const auto keys, signersFor(cli, arguments.trust));
  const Path zip = cli.absolute(arguments.file);
  TENON_TRY(auto package, hashPackage(cli.files(), zip));
  TENON_TRY(const auto content, withContext(arguments.file, LocalPackage::open(cli.files(), zip)));
  TENON_TRY(auto claims, withContext(arguments.file, readClaims(*content)));
  if (!claims.manifest) {
    TENON_TRY(claims.artifactSignature, readSignatureBeside(cli.files(), zip));
  }
  TENON_TRY(const auto verified,
            withContext(arguments.file, SignatureVerifier(keys).verify(std::move(package), claims, std::nullopt)));
  TENON_CHECK(withContext(arguments.file, Unpacker::check(verified, *content)));
  JsonObject object;
  object.set("service_id", verified.release().service.text()).set("version", verified.release().version.text());
  object.set("platform", verified.release().platform.text()).set("key_id", verified.signedBy());
  object.set("sha256", verified.package().sha256.hex());
  cli.answer(object, "ok  " + verified.release().text() + "   signed by " + shortKeyId(verified.signedBy()));
  return 0;
}

struct SignArguments {
  std::string file;
  std::vector<std::string> keys;
};

PackedEntry packedEntry(const ZipEntry& entry, const ManifestFile& file) {
  return {{.name = entry.name,
           .kind = file.kind,
           .deflated = entry.method == ZipEntry::Method::Deflate,
           .crc32 = entry.crc32,
           .size = entry.size,
           .packedBytes = entry.packedBytes},
          entry.dataOffset};
}

// What of the zip stays as it is.
Result<std::vector<PackedEntry>> packedEntries(const ZipDirectory& directory, const PackageManifest& manifest) {
  std::vector<PackedEntry> entries;
  for (const auto& entry : directory.entries()) {
    if (entry.name == kManifestName || entry.name == kManifestSignatureName) continue;
    const ManifestFile* file = manifest.find(entry.name);
    if (file == nullptr) {
      return Error(ErrorCode::ContentExtra, "\"" + shownName(entry.name) + "\" is in the zip, but not in MANIFEST");
    }
    entries.push_back(packedEntry(entry, *file));
  }
  return entries;
}

// As a node would: a key never signs what it has not read.
Result<void> checkSigned(Cli& cli, const Path& zip, const std::vector<SecretKeyBytes>& keys) {
  KeyRing ring;
  for (const auto& key : keys) TENON_CHECK(ring.add(publicKeyOf(key), "", "the key that signs"));
  TENON_TRY(const auto content, LocalPackage::open(cli.files(), zip));
  TENON_TRY(const auto claims, readClaims(*content));
  TENON_TRY(auto package, hashPackage(cli.files(), zip));
  TENON_TRY(const auto verified, SignatureVerifier(ring).verify(std::move(package), claims, std::nullopt));
  return Unpacker::check(verified, *content);
}

Result<SignRequest> readToSign(Cli& cli, const SignArguments& arguments) {
  const Path file = cli.absolute(arguments.file);
  TENON_TRY(const auto content, withContext(arguments.file, LocalPackage::open(cli.files(), file)));
  TENON_TRY(const auto claims, withContext(arguments.file, readClaims(*content)));
  if (!claims.manifest) {
    return Error(ErrorCode::FormatInvalid, arguments.file + " has no MANIFEST, so there is nothing to sign")
        .withHint("tenon pack FOLDER makes a package that has one");
  }
  TENON_TRY(const auto manifest, PackageManifest::parse(*claims.manifest));
  TENON_TRY(auto entries, packedEntries(content->directory(), manifest));
  SignRequest request{.file = file, .manifest = *claims.manifest, .entries = std::move(entries)};
  if (claims.manifestSignature) {
    TENON_TRY(request.earlier, parseSignatureFile(*claims.manifestSignature));
  }
  for (const auto& name : arguments.keys) {
    TENON_TRY(auto key, readSecretKey(cli, name));
    request.keys.push_back(std::move(key));
  }
  return request;
}

Result<int> sign(Cli& cli, const SignArguments& arguments) {
  TENON_TRY(auto request, readToSign(cli, arguments));
  request.check = [&](const Path& zip) { return checkSigned(cli, zip, request.keys); };
  TENON_TRY(const auto done, PackageSigner(cli.files()).sign(request, cli.progressLine("written")));
  JsonObject object;
  object.set("file", request.file.text())
      .set("service_id", done.release.service.text())
      .set("version", done.release.version.text());
  object.set("platform", done.release.platform.text()).set("sha256", done.zipSha256.hex());
  JsonArray ids;
  std::string shown;
  for (const auto& id : done.keyIds) {
    ids.add(id);
    shown += (shown.empty() ? "" : ", ") + shortKeyId(id);
  }
  object.set("key_ids", std::move(ids));
  cli.answer(object, request.file.text() + "\n  " + done.release.text() + "   signed by " + shown);
  return 0;
}

struct PublishArguments {
  std::string file, hub, tokenFile, channel = "stable";
};

Result<int> publish(Cli& cli, const PublishArguments& arguments) {
  TENON_TRY(const auto token, readHubToken(cli, arguments.tokenFile));
  PocoHttpClient http(cli.way());
  const PublishRequest request{
      .file = cli.absolute(arguments.file), .hub = arguments.hub, .token = token, .channel = arguments.channel};
  TENON_TRY(const auto url, Publisher(cli.files(), http).publish(request, cli.progressLine("sent")));
  cli.answer(JsonObject().set("url", url), "published  " + url);
  return 0;
}

struct ExportArguments {
  std::string spec, hub, platform, output;
};

Result<int> exportBundle(Cli& cli, const ExportArguments& arguments) {
  TENON_TRY(auto wanted, ReleaseSpec::parse(arguments.spec));
  BundleRequest request{
      .wanted = std::move(wanted), .platform = arguments.platform, .folder = cli.absolute("."), .output = {}};
  if (request.platform.empty()) request.platform = cli.adapter.facts().platforms.front();
  if (!arguments.output.empty()) request.output = cli.absolute(arguments.output);
  PocoHttpClient http(cli.way());
  TENON_TRY(auto hub, HubClient::create(http, arguments.hub));
  Downloader downloader(cli.files(), http, cli.clock);
  TENON_TRY(const auto made, BundleMaker(cli.files(), hub, downloader).make(request, cli.progressLine("fetched")));
  JsonObject object;
  object.set("file", made.file.text()).set("service_id", made.release.service.text());
  object.set("version", made.release.version.text()).set("platform", made.release.platform.text());
  object.set("size_bytes", made.bytes);
  cli.answer(object, made.file.text() + "\n  " + made.release.text() + ", " + formatBytes(made.bytes) +
                         "   on the node: tenon install ./" + made.file.name());
  return 0;
}

}  // namespace

void addAuthorCommands(CLI::App& app, Cli& cli) {
  addInitVerb(app, cli);
  addValidateVerb(app, cli);
  CLI::App* keyVerb = app.add_subcommand("key", "release keys");
  keyVerb->require_subcommand(1);
  auto out = std::make_shared<std::string>();
  CLI::App* gen = keyVerb->add_subcommand("gen", "make a key pair: NAME.key and NAME.pub, which openssl reads too");
  gen->add_option("--out", *out, "path and name, without ending")->required()->type_name("NAME");
  gen->callback([&cli, out] { cli.command = [&cli, out] { return generateKey(cli, *out); }; });

  auto packing = std::make_shared<PackArguments>();
  CLI::App* packVerb = app.add_subcommand("pack", "make a service package from a folder with service.json");
  packVerb->add_option("folder", packing->folder, "")->required()->type_name("FOLDER");
  packVerb->add_option("-o,--out", packing->output, "default: <id>-<version>-<platform>.zip")->type_name("FILE");
  packVerb->add_option("--platform", packing->platform, "where service.json has several")->type_name("P");
  packVerb->add_option("--sequence", packing->sequence, "rises with every release; default 0")->type_name("N");
  packVerb->add_option("--key", packing->keys, "sign with this secret key; several where a root asks for several")
      ->type_name("FILE");
  packVerb->callback([&cli, packing] { cli.command = [&cli, packing] { return pack(cli, *packing); }; });

  auto signing = std::make_shared<SignArguments>();
  CLI::App* signVerb = app.add_subcommand("sign", "sign a package that is made; the signatures of other keys stay");
  signVerb->add_option("file", signing->file, "")->required()->type_name("FILE");
  signVerb->add_option("--key", signing->keys, "a secret key; several where a root asks for several")
      ->required()
      ->type_name("FILE");
  signVerb->callback([&cli, signing] { cli.command = [&cli, signing] { return sign(cli, *signing); }; });

  auto verifying = std::make_shared<VerifyArguments>();
  CLI::App* verifyVerb =
      app.add_subcommand("verify", "check a package: signature, then every byte; exit 5 where it is not what was signed");
  verifyVerb->add_option("file", verifying->file, "")->required()->type_name("FILE");
  verifyVerb->add_option("--trust", verifying->trust, "a public key; default: the keys of this node")->type_name("FILE");
  verifyVerb->callback([&cli, verifying] { cli.command = [&cli, verifying] { return verify(cli, *verifying); }; });

  auto publishing = std::make_shared<PublishArguments>();
  CLI::App* publishVerb = app.add_subcommand("publish", "send a package to a hub");
  publishVerb->add_option("file", publishing->file, "")->required()->type_name("FILE");
  addHubOption(*publishVerb, publishing->hub)->required();
  addHubTokenOption(*publishVerb, publishing->tokenFile);
  publishVerb->add_option("--channel", publishing->channel, "what the release is offered as")
      ->capture_default_str()
      ->type_name("NAME");
  auto exporting = std::make_shared<ExportArguments>();
  CLI::App* exportVerb =
      app.add_subcommand("export", "one file with a release and all that a node without a network needs of it");
  exportVerb->add_option("service", exporting->spec, "")->required()->type_name("ID[@VERSION]");
  addHubOption(*exportVerb, exporting->hub)->required();
  exportVerb->add_option("--platform", exporting->platform, "default: this machine's")->type_name("P");
  exportVerb->add_option("-o,--out", exporting->output, "default: <id>-<version>-<platform>.bundle")->type_name("FILE");
  exportVerb->callback([&cli, exporting] { cli.command = [&cli, exporting] { return exportBundle(cli, *exporting); }; });

  publishVerb->callback([&cli, publishing] { cli.command = [&cli, publishing] { return publish(cli, *publishing); }; });
}

}  // namespace tenon::host
