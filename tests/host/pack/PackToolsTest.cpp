// What tools that people already have say of a package (design: "checked with tools people already have").
#include <gtest/gtest.h>

#include "tests/host/pack/ServiceFolder.h"
#include "tests/support/DiskOffers.h"
#include "tests/support/Shell.h"

namespace tenon::host {
namespace {

class PackTools : public ServiceFolder {
 protected:
  void SetUp() override {
    TENON_NEEDS_SYMLINKS();
    folder_.write("app/run.sh", "#!/bin/sh\necho hello\n");
    folder_.write("app/\u4e2d\u6587 name.txt", words(3000));
    folder_.write("models/large.txt", words(5'000'000));
    link("app/latest", "run.sh");
    const auto packed = pack(signedRequest());
    ASSERT_TRUE(packed) << packed.error().message();
    out_.write("release.pub", toPem(publicKeyOf(signedRequest().keys.front())));
  }
  ShellAnswer run(const std::string& command) {
    return shell("export LC_ALL=C.UTF-8 && cd '" + out_.text() + "' && P=nmt-zh-en-1.3.0-linux-x64.zip && " + command);
  }
  void succeeds(const std::string& command) {
    const auto answer = run(command);
    EXPECT_EQ(answer.status, 0) << command << "\n" << answer.output;
  }
};

TEST_F(PackTools, UnzipFindsNoFault) {
  TENON_NEEDS_TOOL("unzip");
  succeeds("unzip -tq $P");
  succeeds("unzip -q $P -d tree && test -x tree/app/run.sh && test ! -x tree/app/main.py && test -L tree/app/latest");
  succeeds("diff -r -x MANIFEST -x MANIFEST.sig tree '" + folder_.text() + "'");
}

TEST_F(PackTools, BsdtarListsManifestFirst) {
  TENON_NEEDS_TOOL("bsdtar");
  const auto list = run("bsdtar -tf $P");
  EXPECT_EQ(list.status, 0) << list.output;
  EXPECT_TRUE(list.output.starts_with("MANIFEST\nMANIFEST.sig\napp/")) << list.output;
  succeeds("mkdir other && bsdtar -xf $P -C other && diff -r -x MANIFEST -x MANIFEST.sig other '" + folder_.text() + "'");
}

TEST_F(PackTools, PythonFindsNoFault) {
  TENON_NEEDS_TOOL("python3");
  EXPECT_EQ(run("python3 -c \"import zipfile,sys; print(zipfile.ZipFile(sys.argv[1]).testzip())\" $P").output, "None\n");
}

TEST_F(PackTools, Sha256sumChecksTheFilesOfManifest) {
  TENON_NEEDS_TOOL("unzip");
  TENON_NEEDS_TOOL("sha256sum");
  succeeds("unzip -q $P -d tree");
  // A link's hash is that of its target's text, so it is left to the eye.
  const std::string list =
      "awk 'NF > 3 && $2 != \"l\" { hash = $1; sub(/^[^ ]* [^ ]* [^ ]* /, \"\"); print hash \"  \" $0 }' MANIFEST";
  succeeds("cd tree && " + list + " | sha256sum -c --quiet --strict");
  succeeds("cd tree && test $(" + list + " | wc -l) = 6");
  EXPECT_NE(run("cd tree && echo x >> app/main.py && " + list + " | sha256sum -c --quiet --strict").status, 0);
}

TEST_F(PackTools, OpensslVerifiesManifest) {
  TENON_NEEDS_TOOL("unzip");
  TENON_NEEDS_TOOL("openssl");
  succeeds("unzip -q $P MANIFEST MANIFEST.sig && awk '{print $3}' MANIFEST.sig | base64 -d > sig");
  succeeds("openssl pkeyutl -verify -rawin -in MANIFEST -pubin -inkey release.pub -sigfile sig");
  EXPECT_NE(
      run("echo >> MANIFEST && openssl pkeyutl -verify -rawin -in MANIFEST -pubin -inkey release.pub -sigfile sig").status,
      0);
}

TEST_F(PackTools, OpensslVerifiesTheArtifactSignature) {
  TENON_NEEDS_TOOL("python3");
  TENON_NEEDS_TOOL("openssl");
  // As the owner's earlier nodes build the payload [origin].
  out_.write("payload.py",
             "import json,base64,hashlib\ns=json.load(open('nmt-zh-en-1.3.0-linux-x64.zip.sig.json'))\n"
             "assert s['alg']=='ed25519'\np=s['signed_payload']\n"
             "assert p['sha256']==hashlib.sha256(open('nmt-zh-en-1.3.0-linux-x64.zip','rb').read()).hexdigest()\n"
             "open('payload','w').write(json.dumps(p,sort_keys=True,separators=(',',':')))\n"
             "open('sig','wb').write(base64.b64decode(s['value_b64']))\n");
  succeeds("python3 payload.py && openssl pkeyutl -verify -rawin -in payload -pubin -inkey release.pub -sigfile sig");
}

}  // namespace
}  // namespace tenon::host
