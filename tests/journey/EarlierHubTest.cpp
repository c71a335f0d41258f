// The owner's earlier Model Hub, as far as a node sees it: its shapes, and its faults (a signature that it never returns,
// the latest version by the order of text, suffix ranges that it misreads, one range an answer, nothing beside the zip).
#include <filesystem>

#include "tests/journey/Journey.h"
#include "tests/journey/Posix.h"

namespace tenon::host {

namespace fs = std::filesystem;

constexpr const char* kServer = R"PY(import hashlib, http.server, json, os, re, sys, urllib.parse
root = sys.argv[1]

def variants():
    found = []
    for version in sorted(os.listdir(root), reverse=True):
        data = open(f"{root}/{version}", "rb").read()
        digest = hashlib.sha256(data).hexdigest()
        found.append({"version": version, "platform": "linux-x64", "artifact": {"type": "zip",
            "url": f"/storage/services/langid/{version}/linux-x64/service.zip", "sha256": digest, "size_bytes": len(data), "etag": digest}})
    return found

class Hub(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def answer(self, status, body, kind="application/json", **headers):
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": len(body), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        if self.command != "HEAD": self.wfile.write(body)
    def do_HEAD(self): self.do_GET()
    def do_GET(self):
        path = urllib.parse.urlparse(self.path).path
        if path == "/health": return self.answer(200, b'{"status":"OK"}')
        if path == "/api/services":
            found = variants()
            return self.answer(200, json.dumps({"services": [{"service_id": "langid", "name": "Language", "latest_version": found[0]["version"],
                                                              "variants": found}]}).encode())
        match = re.fullmatch("/storage/services/langid/([^/]+)/linux-x64/service.zip", path)
        if not match or not os.path.exists(f"{root}/{match[1]}"): return self.answer(404, b'{"error":"not found"}')
        data = open(f"{root}/{match[1]}", "rb").read()
        tag = hashlib.sha256(data).hexdigest()
        asked = re.match("bytes=([0-9]*)-([0-9]*)", self.headers.get("Range", ""))
        if not asked: return self.answer(200, data, "application/zip", ETag=tag, Accept_Ranges="bytes")
        first, last = int(asked[1] or 0), min(int(asked[2] or len(data) - 1), len(data) - 1)
        self.answer(206, data[first:last + 1], "application/zip", ETag=tag, Content_Range=f"bytes {first}-{last}/{len(data)}")
    def log_message(self, *args): print(self.command, self.path, self.headers.get("Range", "-"), flush=True)

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
print("port", server.server_address[1], flush=True)
server.serve_forever()
)PY";

class EarlierHub : public Journey {
 protected:
  void keep(const std::string& version, const std::string& zip) {
    fs::create_directories(path("kept"));
    fs::copy_file(zip, path("kept/" + version));
  }
  // A release whose larger part is the same as the others'.
  std::string packed(const std::string& version, int sequence) {
    const auto folder = langid(version);
    std::string words;
    for (unsigned i = 0; words.size() < (3 << 20); ++i) words += std::to_string(i * 2654435761U) + " ";
    fs::create_directories(folder + "/runtime");
    writeText(folder + "/runtime/words.txt", words);
    return pack(folder, sequence);
  }
  void start() {
    writeText(path("earlier.py"), kServer);
    server_ = std::make_unique<Background>("/usr/bin/python3", std::vector<std::string>{path("earlier.py"), path("kept")});
    ASSERT_TRUE(eventually([&] { return server_->output().find('\n') != std::string::npos; }));
    const auto told = server_->output();
    useHub("127.0.0.1:" + told.substr(5, told.find('\n') - 5));
    startAgent();
  }
  std::string requests() const { return server_->output(); }

 private:
  std::unique_ptr<Background> server_;
};

TEST_F(EarlierHub, GivesPackagesThatCarryTheirProof) {
  keep("1.9.0", packed("1.9.0", 1));
  keep("1.10.0", packed("1.10.0", 2));
  start();
  const auto first = tenon("install langid@1.9.0");
  ASSERT_EQ(first.status, 0) << first.err;
  const auto before = requests().size();
  const auto newest = tenon("upgrade langid");
  ASSERT_EQ(newest.status, 0) << newest.err;
  EXPECT_EQ(status("langid")["version"], "1.10.0");  // by semver, whatever the hub says is the latest
  EXPECT_EQ(status("langid")["state"], "ready");
  // Only what changed, though it takes one range a request.
  const auto asked = requests().substr(before);
  EXPECT_NE(asked.find("service.zip bytes="), std::string::npos) << asked;
  EXPECT_EQ(asked.find("service.zip -"), std::string::npos) << asked;
}

TEST_F(EarlierHub, GivesNoProofOfPackagesThatCarryNone) {
  const auto folder = langid("1.0.0");
  ASSERT_EQ(shell("cd '" + folder + "' && python3 -m zipfile -c ../plain.zip service.json app models README.md").status, 0);
  keep("1.0.0", path("plain.zip"));
  start();
  const auto refused = tenon("install langid");
  EXPECT_EQ(refused.status, 5) << refused.out << refused.err;
  EXPECT_FALSE(fs::exists(serviceFolder("langid")));
}

}  // namespace tenon::host
