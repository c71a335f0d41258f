// Packages from a server that knows nothing of Tenon: nginx over static files, a list beside them.
#include <Poco/Net/ServerSocket.h>

#include <filesystem>
#include <memory>
#include <vector>

#include "tests/journey/Journey.h"
#include "tests/journey/Posix.h"

namespace tenon::host {

namespace fs = std::filesystem;

class PlainServer : public Journey {
 protected:
  static std::string nginx() {
    for (const auto* program : {"/usr/sbin/nginx", "/usr/bin/nginx"}) {
      if (fs::exists(program)) return program;
    }
    return "";
  }
  // What the hub has published, as files.
  void takeFilesOfTheHub() {
    const auto port = hubUrl().substr(hubUrl().rfind(':') + 1);
    fs::create_directories(path("www"));
    writeText(path("www/services.json"), get(port, "/api/services"));
    fs::copy(path("hub/storage"), path("www/storage"), fs::copy_options::recursive);
    stopHub();
  }
  void startServer(const std::string& tls = "") {
    const Poco::Net::ServerSocket probe(Poco::Net::SocketAddress("127.0.0.1", 0));
    const auto address = "127.0.0.1:" + std::to_string(probe.address().port());
    writeText(path("nginx.conf"), "daemon off; master_process off; worker_processes 1; pid " + path("nginx.pid") +
                                      "; error_log " + path("nginx.log") + ";\nevents {}\nhttp { access_log " +
                                      path("access.log") + "; client_body_temp_path " + path("tmp") + "; proxy_temp_path " +
                                      path("tmp") + "; fastcgi_temp_path " + path("tmp") + "; uwsgi_temp_path " +
                                      path("tmp") + "; scgi_temp_path " + path("tmp") + ";\n server { listen " + address +
                                      (tls.empty() ? "" : " ssl; " + tls) + "; location = /api/services { alias " +
                                      path("www/services.json") + "; } location / { root " + path("www") + "; } } }\n");
    const_cast<Poco::Net::ServerSocket&>(probe).close();
    server_ = std::make_unique<Background>(nginx(), std::vector<std::string>{"-c", path("nginx.conf")});
    useHub(address);
    ASSERT_TRUE(eventually([&] { return !get(address.substr(10), "/api/services").empty(); }))
        << readText(path("nginx.log"));
  }

 private:
  std::unique_ptr<Background> server_;
};

TEST_F(PlainServer, NginxServesPackagesAndWhatChangedOfThem) {
  if (nginx().empty()) GTEST_SKIP() << "nginx is not here: apt-get install nginx-light";
  startHub();
  const auto first = langid("1.0.0"), second = langid("1.1.0");
  for (const auto& folder : {first, second}) {
    // Larger than what comes as one stream anyhow, and the same in both.
    std::string words;
    for (unsigned i = 0; words.size() < (3 << 20); ++i) words += std::to_string(i * 2654435761U) + " ";
    std::filesystem::create_directories(folder + "/runtime");
    writeText(folder + "/runtime/words.txt", words);
    publish(folder, folder == second ? 1 : 0);
  }
  takeFilesOfTheHub();
  startServer();
  startAgent();
  const auto installed = tenon("install langid@1.0.0");
  ASSERT_EQ(installed.status, 0) << installed.err << readText(path("access.log"));
  EXPECT_EQ(status("langid")["state"], "ready");
  writeText(path("access.log"), "");
  const auto upgraded = tenon("upgrade langid");
  ASSERT_EQ(upgraded.status, 0) << upgraded.err;
  EXPECT_EQ(status("langid")["version"], "1.1.0");
  const auto log = readText(path("access.log"));
  EXPECT_NE(log.find("/service.zip HTTP/1.1\" 206 "), std::string::npos) << log;
  EXPECT_EQ(log.find("/service.zip HTTP/1.1\" 200 "), std::string::npos) << log;
}

TEST_F(PlainServer, IsAskedByHttpsWhereItsAuthorityIsTrusted) {
  if (nginx().empty()) GTEST_SKIP() << "nginx is not here: apt-get install nginx-light";
  const auto made = shell("cd '" + path("") +
                          "' && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
                          "-subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout tls.key -out tls.pem");
  ASSERT_EQ(made.status, 0) << made.err;
  startHub();
  publish(langid("1.0.0"));
  takeFilesOfTheHub();
  startServer("ssl_certificate " + path("tls.pem") + "; ssl_certificate_key " + path("tls.key"));
  useHub("localhost" + hubUrl().substr(hubUrl().rfind(':')), "https");
  startAgent();
  const auto refused = tenon("install langid");
  EXPECT_EQ(refused.status, 1) << refused.out << refused.err;
  EXPECT_NE(refused.err.find("error denied"), std::string::npos) << refused.err;
  endAgent(End::Asked);
  writeText(root() + "/agent.properties", "ca_file = " + path("tls.pem") + "\n");
  startAgent();
  const auto installed = tenon("install langid");
  ASSERT_EQ(installed.status, 0) << installed.err;
  EXPECT_EQ(status("langid")["state"], "ready");
  EXPECT_EQ(tenon("--ca-file " + path("tls.pem") + " export langid --hub " + hubUrl() + " -o " + path("x.bundle")).status,
            0);
}

// A model that the hub keeps and no package holds: listed, pulled, named in service.json, shared by two releases, carried in
// a bundle.
TEST_F(PlainServer, ModelsAreFetchedByReference) {
  if (nginx().empty()) GTEST_SKIP() << "nginx is not here: apt-get install nginx-light";
  std::string weights;
  for (unsigned i = 0; weights.size() < 400'000; ++i) weights += std::to_string(i * 2654435761U) + " ";
  fs::create_directories(path("www/storage/models/words/2024.1/deep"));
  fs::create_directories(path("www/api"));
  writeText(path("www/storage/models/words/2024.1/deep/big words.bin"), weights);
  const auto hash =
      shell("sha256sum < '" + path("www/storage/models/words/2024.1/deep/big words.bin") + "'").out.substr(0, 64);
  writeText(path("www/api/models"),
            R"([{"id":"words","name":"Words","task":"count","languages":["en"],"default_version":"2024.1",)"
            R"("versions":[{"version":"2024.1","files":[{"path":"deep/big words.bin","size_bytes":)" +
                std::to_string(weights.size()) + R"(}],"checksum_sha256":"{\"deep/big words.bin\":\")" + hash +
                R"(\"}"}]}])");
  startHub();
  const auto reference = R"("models":[{"id":"words","version":"2024.1","files":[{"path":"deep/big words.bin","sha256":")" +
                         hash + R"(","size":)" + std::to_string(weights.size()) + "}]}],";
  for (const std::string version : {"1.0.0", "1.1.0"}) {
    const auto folder = langid(version);
    replaceIn(folder + "/service.json", "{", "{" + reference);
    publish(folder, version == "1.1.0" ? 1 : 0);
  }
  takeFilesOfTheHub();
  startServer();
  const std::string hub = " --hub " + hubUrl();

  EXPECT_NE(tenon("models list" + hub).out.find("words"), std::string::npos);
  const auto pulled = tenon("-o json models pull words" + hub + " -o " + path("pulled"));
  ASSERT_EQ(pulled.status, 0) << pulled.err;
  EXPECT_TRUE(readText(path("pulled/deep/big words.bin")) == weights);
  EXPECT_NE(pulled.out.find(hash), std::string::npos) << pulled.out;
  EXPECT_EQ(tenon("models pull wods" + hub).status, 4);

  startAgent();
  const auto plan = Json::parse(tenon("-o json plan install langid@1.0.0").out);
  ASSERT_TRUE(plan);
  EXPECT_GT(plan->integerOr("fetch_bytes", 0, 0, INT64_MAX).value(), 400'000);
  const auto installed = tenon("install langid@1.0.0");
  ASSERT_EQ(installed.status, 0) << installed.err << readText(path("access.log"));
  const auto place = [&](const std::string& version) {
    return serviceFolder("langid") + "/versions/" + version + "/linux-x64/models/deep/big words.bin";
  };
  EXPECT_TRUE(readText(place("1.0.0")) == weights);
  writeText(path("access.log"), "");
  ASSERT_EQ(tenon("upgrade langid").status, 0);
  EXPECT_TRUE(readText(place("1.1.0")) == weights);
  EXPECT_EQ(readText(path("access.log")).find("/storage/models/"), std::string::npos);

  ASSERT_EQ(tenon("export langid" + hub + " -o " + path("langid.bundle")).status, 0);
  ASSERT_EQ(tenon("remove langid --purge").status, 0);
  ASSERT_EQ(tenon("gc").status, 0);
  writeText(path("www/storage/models/words/2024.1/deep/big words.bin"), std::string(weights.size(), 'x'));
  const auto swapped = tenon("install langid");
  EXPECT_EQ(swapped.status, 5) << swapped.err;
  EXPECT_NE(swapped.err.find("error content-mismatch"), std::string::npos) << swapped.err;
  const auto carried = tenon("install " + path("langid.bundle"));
  ASSERT_EQ(carried.status, 0) << carried.err;
  EXPECT_TRUE(readText(place("1.1.0")) == weights);
}

// Over the command line: what releases take and share, and giving it back.
TEST_F(PlainServer, DiskIsToldAndGivenBack) {
  startHub();
  publish(langid("1.0.0"));
  publish(langid("1.1.0"), 1);
  startAgent();
  ASSERT_EQ(tenon("install langid@1.0.0").status, 0);
  ASSERT_EQ(tenon("upgrade langid").status, 0);
  const auto info = tenon("info langid --disk");
  EXPECT_EQ(info.status, 0) << info.err;
  EXPECT_NE(info.out.find("SHARED WITH VERSIONS"), std::string::npos) << info.out;
  const auto preview = tenon("prune langid --dry-run");
  EXPECT_NE(preview.out.find("would remove 1.0.0"), std::string::npos) << preview.out << preview.err;
  EXPECT_EQ(tenon("prune langid").status, 0);
  EXPECT_EQ(status("langid")["version"], "1.1.0");
  EXPECT_FALSE(fs::exists(serviceFolder("langid") + "/versions/1.0.0"));
  EXPECT_EQ(tenon("rollback langid").status, 4);
  ASSERT_EQ(tenon("remove langid").status, 0);
  const auto collected = tenon("gc");
  EXPECT_EQ(collected.status, 0) << collected.err;
  EXPECT_NE(tenon("gc --dry-run").out.find("would remove 0 B in 0 files"), std::string::npos) << tenon("gc --dry-run").out;
}

}  // namespace tenon::host
