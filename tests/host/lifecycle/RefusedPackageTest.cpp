// What a hub or a zip may be wrong in, through a whole upgrade: the named error, the old release serves on, nothing of the
// new one stays, and one event tells of it. What exactly is refused is said where it is decided: ZipDirectoryTest,
// UnpackerTest, DownloaderTest.
#include <filesystem>
#include <sstream>

#include "tests/host/lifecycle/LifeTest.h"
#include "tests/host/package/PackageMaker.h"
#include "tests/support/DiskOffers.h"

namespace tenon::host {
namespace {

using State = Change::State;
using Kind = ManifestFile::Kind;

class RefusedPackage : public LifeTest {
 protected:
  RefusedPackage() {
    maker_.release = {asr(), SemVer::parse("1.2.0").value(), PlatformId::parse("linux-x64").value()};
    maker_.files["service.json"] = {serviceJson("asr", "1.2.0")};
    maker_.files["models/weights.bin"] = {ReleaseShop::weights()};  // here already: only the rest is fetched in pieces
    world_.shop.trust(publicKeyOf(maker_.key()));
    world_.hub.before = [this](const HttpRequestOptions& request) { return answer(request); };
    restartAgent();
    installed("1.1.0");
  }

  // How the hub answers in the place of the list, and of the zip of 1.2.0.
  std::function<std::optional<ScriptedAnswer>()> list_ = [] { return std::nullopt; };
  std::function<std::optional<ScriptedAnswer>(const HttpRequestOptions&)> zip_ = [](const auto&) { return std::nullopt; };

  void publishZip(const std::string& bytes) {
    const auto manifest = maker_.manifest().text();
    const auto signature = toSignatureFile({{keyId(publicKeyOf(maker_.key())), signEd25519(maker_.key(), manifest)}});
    published_ = bytes;
    world_.hub.publish({maker_.release, bytes, manifest, signature, maker_.files.at("service.json").text});
  }

  // By a hub that serves ranges, and by one that does not.
  void refuses(const std::string& what, const MadeZip& zip, ErrorCode code) { refuses(what, zip.bytes(), code); }
  void refuses(const std::string& what, const std::string& bytes, ErrorCode code) {
    publishZip(bytes);
    ranges_ = true;
    refused(what, code);
    refusesStream(what, bytes, code);
  }
  // In pieces nobody reads an entry's own header: where its data lies follows from the directory, and what it is from
  // MANIFEST.
  void refusesStream(const std::string& what, const std::string& bytes, ErrorCode code) {
    publishZip(bytes);
    ranges_ = false;
    refused(what + ", as a stream", code);
  }
  void refused(const std::string& what, ErrorCode code) {
    SCOPED_TRACE(what);
    agent().settle();
    const auto before = node(), partial = store();
    const auto starts = world_.machine.starts();
    const auto told = events();
    const auto change = agent().upgrade();
    expectEnd(change, State::Failed, code);
    if (!change || !change->error) return;
    EXPECT_EQ(change->outcome, "nothing was changed");
    EXPECT_EQ(node(), before);
    EXPECT_EQ(store(), partial);
    EXPECT_EQ(disk().leftover(), "");
    if (!mayPass(change->error->code())) {
      EXPECT_EQ(filesUnder(files_, folder_ / "cache").size(), 0U);
    }
    EXPECT_EQ(world_.machine.starts(), starts);
    EXPECT_EQ(agent().serving(), "1.1.0 ready");
    EXPECT_EQ(disk().currentText(), "1.1.0 good");
    auto now = events();
    ASSERT_EQ(now.size(), told.size() + 1) << now.back();
    EXPECT_NE(now.back().find(R"("type":"change-ended")"), std::string::npos) << now.back();
    EXPECT_NE(now.back().find(R"("result":"failed")"), std::string::npos) << now.back();
    EXPECT_NE(now.back().find("\"code\":\"" + std::string(name(code)) + "\""), std::string::npos) << now.back();
  }

  // The package with one entry more, behind all others.
  MadeZip with(std::initializer_list<MadeEntry> entries) const {
    auto zip = maker_.zip();
    zip.entries.insert(zip.entries.end(), entries);
    return zip;
  }
  static MadeEntry file(const std::string& name, const std::string& content = "content") {
    return PackageMaker::entry(name, {content});
  }
  static MadeEntry link(const std::string& name, const std::string& target) {
    return PackageMaker::entry(name, {target, Kind::Symlink});
  }
  // The package with its program's entry changed.
  template <typename Change>
  MadeZip changed(Change change) const {
    auto zip = maker_.zip();
    for (auto& entry : zip.entries) {
      if (entry.name == "app/main.py") change(entry);
    }
    return zip;
  }

  PackageMaker maker_;

 private:
  static bool mayPass(ErrorCode code) {
    return code == ErrorCode::NetworkProtocol || code == ErrorCode::NetworkSlow || code == ErrorCode::NetworkUnreachable;
  }
  std::optional<ScriptedAnswer> answer(const HttpRequestOptions& request) {
    if (request.url.find("/api/services") != std::string::npos) return list_();
    if (!request.url.ends_with("/1.2.0/linux-x64/service.zip")) return std::nullopt;
    if (auto answered = zip_(request)) return answered;
    if (ranges_) return std::nullopt;
    return ScriptedHttp::serve({}, published_, "\"v1\"");
  }
  // The whole of its disk but for what tells of the attempt, and what a resume may use.
  std::map<std::string, std::string> node() {
    auto all = filesUnder(files_, folder_.path());
    std::erase_if(all, [](const auto& file) {
      return file.first.starts_with("changes/") || file.first.starts_with("cache/") || file.first == "events.jsonl";
    });
    return all;
  }
  std::map<std::string, std::string> store() { return filesUnder(files_, PackageLayout(folder_.path()).store()); }
  std::vector<std::string> events() const {
    std::vector<std::string> lines;
    std::istringstream text(folder_.read("events.jsonl"));
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }

  std::string published_;
  bool ranges_ = true;
};

// Without this the rest would show nothing.
TEST_F(RefusedPackage, WouldBeTakenAsItWasMade) {
  publishZip(maker_.zip().bytes());
  expectEnd(agent().upgrade(), State::Done);
  EXPECT_EQ(agent().serving(), "1.2.0 ready");
}

TEST_F(RefusedPackage, Case26NamesThatLeadOut) {
  for (const auto* name : {"../a", "zzz/../../b", "/abs", "C:\\a", "zzz\\b"})
    refuses(name, with({file(name)}), ErrorCode::PathUnsafe);
}

TEST_F(RefusedPackage, Case27LinksThatLeadOutAndDevices) {
  for (const auto* target : {"../../x", "/etc/passwd", "a/../../../x", "C:\\x"}) {
    maker_.files["zzz/link"] = {target, Kind::Symlink};
    refuses(target, maker_.zip(), ErrorCode::PathUnsafe);
  }
  maker_.files.erase("zzz/link");
  for (const std::uint32_t type : {0010000U, 0020000U, 0060000U, 0140000U}) {
    auto device = file("zzz");
    device.attributes = (type | 0644U) << 16;
    refuses("of type " + std::to_string(type), with({device}), ErrorCode::ArchiveInvalid);
  }
}

TEST_F(RefusedPackage, Case28AFileThroughALink) {
  refuses("link and file", with({link("zzz", "/tmp"), file("zzz/a")}), ErrorCode::PathUnsafe);
}

TEST_F(RefusedPackage, Case29And30TwinNames) {
  refuses("twice", with({file("zzz"), file("zzz")}), ErrorCode::PathUnsafe);
  refuses("by case", with({file("ZZZ"), file("zzz")}), ErrorCode::PathUnsafe);
  refuses("folders by case", with({file("zzz/a"), file("ZZZ/b")}), ErrorCode::PathUnsafe);
  refuses("decomposed", with({file("zz\xcc\x81")}), ErrorCode::PathUnsafe);
}

TEST_F(RefusedPackage, Case31NamesThatWindowsCannotHold) {
  for (const auto* name : {"CON", "nul.txt", "COM\xc2\xb9", "x.", "x ", "a:ads"})
    refuses(name, with({file(name)}), ErrorCode::PathUnsafe);
}

TEST_F(RefusedPackage, Case32AFileAndAFolderOfOneName) {
  refuses("zzz", with({file("zzz"), file("zzz/a")}), ErrorCode::PathUnsafe);
}

TEST_F(RefusedPackage, Case33NamesThatCannotBeRead) {
  refuses("NUL", with({file(std::string("z\0b", 3))}), ErrorCode::PathUnsafe);
  refuses("control", with({file("z\nb")}), ErrorCode::PathUnsafe);
  refuses("no UTF-8", with({file("z\xc3(")}), ErrorCode::PathUnsafe);
  auto second = file("zzz");
  second.centralExtra = littleEndian(0x7075, 2) + littleEndian(8, 2) + std::string(5, '\1') + "yyy";
  refuses("another name in an extra field", with({second}), ErrorCode::ArchiveInvalid);
}

TEST_F(RefusedPackage, Case34ALocalHeaderThatDiffers) {
  const std::vector<std::pair<std::string, MadeZip>> zips = {
      {"name", changed([](MadeEntry& e) { e.localName = "app/mein.py"; })},
      {"size", changed([](MadeEntry& e) { e.localSize = 6; })},
      {"packed size", changed([](MadeEntry& e) { e.localPacked = 6; })},
      {"CRC", changed([](MadeEntry& e) { e.localCrc = 1; })},
      {"method", changed([](MadeEntry& e) { e.localMethod = std::uint16_t{0}; })},
      {"flags", changed([](MadeEntry& e) { e.localFlags = std::uint16_t{0x0800}; })}};
  for (const auto& [what, zip] : zips) refusesStream(what, zip.bytes(), ErrorCode::ArchiveInvalid);
}

TEST_F(RefusedPackage, Case35WaysToPackThatNobodyHas) {
  const std::vector<std::pair<std::string, MadeZip>> zips = {
      {"encrypted", changed([](MadeEntry& e) { e.flags = 0x0001; })},
      {"method", changed([](MadeEntry& e) { e.method = std::uint16_t{93}; })},
      {"descriptor", changed([](MadeEntry& e) {
         e.descriptor = littleEndian(0x08074b50, 4) +
                        littleEndian(libdeflate_crc32(0, e.content.data(), e.content.size()), 4) +
                        littleEndian(deflated(e.content).size(), 4) + littleEndian(e.content.size(), 4);
         e.flags = 0x0008;
         e.localCrc = e.localSize = e.localPacked = 0;
       })}};
  for (const auto& [what, zip] : zips) refuses(what, zip, ErrorCode::ArchiveInvalid);
}

TEST_F(RefusedPackage, Case36BytesThatBelongToNothing) {
  const auto invalid = ErrorCode::ArchiveInvalid;
  auto zip = maker_.zip();
  zip.comment = MadeZip().bytes();
  refuses("two ends", zip, invalid);
  zip = maker_.zip();
  zip.prefix = "MZ, a program";
  refuses("before", zip, invalid);
  zip = maker_.zip();
  zip.gap = "gap";
  refuses("between", zip, invalid);
  zip = maker_.zip();
  zip.trailing = "x";
  refuses("behind", zip, invalid);
  const auto whole = maker_.zip().bytes();
  for (const auto length : {std::size_t{1}, whole.size() / 2, whole.size() - 1})
    refuses("cut at " + std::to_string(length), whole.substr(0, length), invalid);
}

TEST_F(RefusedPackage, Case37BombsAndOverlaps) {
  auto bomb = file("zzz", std::string(100'000, 'b'));
  bomb.deflate = true;
  bomb.size = bomb.localSize = 4'000'000'000U;
  refuses("ratio", with({bomb}), ErrorCode::ArchiveLimit);
  auto overlapping = file("zzz");
  overlapping.offset = 0;
  refuses("overlap", with({overlapping}), ErrorCode::ArchiveInvalid);
  auto many = maker_.zip();
  many.zip64End = true;
  many.zip64CountOff = 10'000'000;
  many.count = std::uint16_t{0xffff};
  refuses("entries", many, ErrorCode::ArchiveLimit);
  auto huge = file("zzz");
  huge.size = huge.localSize = huge.packed = huge.localPacked = 0xffffffffU;
  huge.centralExtra = huge.localExtra =
      littleEndian(1, 2) + littleEndian(16, 2) + littleEndian(~std::uint64_t{0}, 8) + littleEndian(~std::uint64_t{0}, 8);
  refuses("16 EiB", with({huge}), ErrorCode::ArchiveInvalid);
}

TEST_F(RefusedPackage, Case38Zip64ThatDisagrees) {
  auto entry = file("zzz");
  entry.size = entry.packed = entry.localSize = entry.localPacked = 0xffffffffU;
  entry.centralExtra = littleEndian(1, 2) + littleEndian(16, 2) + littleEndian(7, 8) + littleEndian(7, 8);
  entry.localExtra = littleEndian(1, 2) + littleEndian(16, 2) + littleEndian(8, 8) + littleEndian(8, 8);
  refusesStream("sizes", with({entry}).bytes(), ErrorCode::ArchiveInvalid);
  auto ends = maker_.zip();
  ends.zip64End = true;
  ends.count = std::uint16_t{2};
  refuses("end records", ends, ErrorCode::ArchiveInvalid);
}

TEST_F(RefusedPackage, Case39And40OtherContentThanManifestLists) {
  refuses("a file more", with({file("zzz")}), ErrorCode::ContentExtra);
  auto less = maker_.zip();
  less.entries.pop_back();
  refuses("a file less", less, ErrorCode::ContentMissing);
  refuses("another byte", changed([](MadeEntry& e) { e.content.back() = 'x'; }), ErrorCode::ContentMismatch);
}

// Not refused: what is in a mode beyond "executable" is nobody's business.
TEST_F(RefusedPackage, Case41GivesNoRightsThatAModeAsksFor) {
  TENON_NEEDS_MODES();
  publishZip(changed([](MadeEntry& e) { e.attributes = 0106777U << 16; }).bytes());
  expectEnd(agent().upgrade(), State::Done);
  const auto program = disk().layout().release(release("1.2.0")) / "app/main.py";
  using std::filesystem::perms;
  const auto mode = std::filesystem::status(program.text()).permissions();
  EXPECT_NE(mode & perms::owner_exec, perms::none);
  EXPECT_EQ(mode & (perms::set_uid | perms::set_gid | perms::sticky_bit | perms::group_write | perms::others_write),
            perms::none);
}

TEST_F(RefusedPackage, Case42PathsPastTheLimits) {
  refuses("4 KiB", with({file(std::string(4096, 'z'))}), ErrorCode::PathUnsafe);
  std::string deep = "z";
  for (int i = 0; i < 200; ++i) deep += "/z";
  refuses("depth", with({file(deep)}), ErrorCode::PathUnsafe);
}

// A package that is sound, by a hub or a line that is not.
class RefusedTransport : public RefusedPackage {
 protected:
  RefusedTransport() { publishZip(bytes_); }
  ScriptedAnswer whole() const { return ScriptedHttp::serve({}, bytes_, "\"v1\""); }
  void zipIs(const ScriptedAnswer& answer) {
    zip_ = [answer](const auto&) { return answer; };
  }

  const std::string bytes_ = maker_.zip().bytes();
};

TEST_F(RefusedTransport, Case46LengthsThatAreWrong) {
  for (const auto* length : {"18446744073709551615", "-1", "7"}) {
    auto wrong = whole();
    wrong.headers = {{"Content-Length", length}};
    zipIs(wrong);
    refused(length, ErrorCode::ContentMismatch);
  }
  auto endless = whole();
  endless.headers.clear();
  endless.body += std::string(100'000, 'x');
  zipIs(endless);
  refused("without end", ErrorCode::ContentMismatch);
  auto cut = whole();
  cut.body.resize(bytes_.size() / 2);
  cut.headers.clear();
  zipIs(cut);
  refused("too short, each time", ErrorCode::NetworkProtocol);
}

TEST_F(RefusedTransport, Case47ATrickle) {
  auto slow = whole();
  slow.pieceBytes = 1;
  slow.perPiece = std::chrono::seconds(1);
  zipIs(slow);
  refused("a byte a second", ErrorCode::NetworkSlow);
}

TEST_F(RefusedTransport, Case48ARedirectElsewhere) {
  zipIs({.unreachable = Error(ErrorCode::RedirectRefused, "the hub sends to another host")});
  refused("of the zip", ErrorCode::RedirectRefused);
  list_ = [] { return ScriptedAnswer{.unreachable = Error(ErrorCode::RedirectRefused, "the hub sends to another host")}; };
  refused("of the list", ErrorCode::RedirectRefused);
}

TEST_F(RefusedTransport, Case49AnotherCoding) {
  auto packed = whole();
  packed.headers.emplace_back("Content-Encoding", "gzip");
  zipIs(packed);
  refused("gzip", ErrorCode::NetworkProtocol);
}

TEST_F(RefusedTransport, Case50AHubThatFailsOrIsAPage) {
  const ScriptedAnswer page{.headers = {{"Content-Type", "text/html"}}, .body = "<html><body>Log in"};
  zipIs(page);
  refused("a page for the zip", ErrorCode::NetworkProtocol);
  zipIs({.status = 500});
  refused("500 for the zip", ErrorCode::NetworkProtocol);
  zipIs({.status = 404});
  refused("404 for the zip", ErrorCode::NotFound);
  list_ = [&] { return page; };
  refused("a page for the list", ErrorCode::NetworkProtocol);
  list_ = [] { return ScriptedAnswer{.status = 500}; };
  refused("500 for the list", ErrorCode::NetworkProtocol);
  list_ = [] { return ScriptedAnswer{.unreachable = Error(ErrorCode::NetworkUnreachable, "refused")}; };
  refused("no hub", ErrorCode::NetworkUnreachable);
}

}  // namespace
}  // namespace tenon::host
