#include "host/base/Error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <vector>

namespace tenon::host {
namespace {

const std::vector<ErrorCode> kAll = {
#define TENON_LISTED(id, name, http, exit) ErrorCode::id,
    TENON_ERROR_CODES(TENON_LISTED)
#undef TENON_LISTED
};

// The closed list as it is promised to scripts and to callers of the API: a second copy on purpose, so that a renamed or
// removed code is noticed.
constexpr const char* kPromised =
    "signature-invalid key-unknown key-revoked key-role threshold-unmet format-invalid metadata-rollback "
    "metadata-equivocation metadata-expired binding-mismatch downgrade-refused release-revoked release-refused path-unsafe "
    "archive-invalid archive-limit content-mismatch content-extra content-missing platform-unsupported driver-missing "
    "driver-ambiguous driver-incompatible driver-crashed driver-quarantined plan-invalid conformance-failed "
    "network-unreachable network-slow "
    "network-protocol redirect-refused precondition-failed disk-full io-error busy state-corrupt not-found already-exists "
    "spawn-failed port-taken health-timeout crash-loop no-good-release dependency-unmet limit-exceeded resource-missing "
    "denied unauthenticated cancelled timeout usage internal";

TEST(ErrorCode, ListIsThePromisedOne) {
  std::istringstream words(kPromised);
  std::vector<std::string> promised;
  for (std::string word; words >> word;) promised.push_back(word);
  std::vector<std::string> ours;
  for (const ErrorCode code : kAll) ours.emplace_back(name(code));
  EXPECT_THAT(ours, testing::UnorderedElementsAreArray(promised));
}

TEST(ErrorCode, EveryNameComesBackAsItsCode) {
  for (const ErrorCode code : kAll) EXPECT_EQ(errorCodeNamed(name(code)), code) << name(code);
}

TEST(ErrorCode, NameThatIsNotOnTheListIsNoCode) {
  for (const char* text : {"", "Signature-Invalid", "signature_invalid", "signature-invalid ", "ok"}) {
    EXPECT_EQ(errorCodeNamed(text), std::nullopt) << text;
  }
}

TEST(ErrorCode, EveryExitStatusIsOneOfTheFixedForms) {
  // 3 and 0 are no code's own: 3 is said by the change that rolled back.
  const std::set<int> fixed = {1, 4, 5, 6, 7, 10, 64};
  for (const ErrorCode code : kAll) EXPECT_TRUE(fixed.contains(exitStatus(code))) << name(code) << ' ' << exitStatus(code);
  EXPECT_EQ(kExitRolledBack, 3);
}

TEST(ErrorCode, ExitStatusesSayWhatTheCommandLinePromises) {
  EXPECT_EQ(exitStatus(ErrorCode::IoError), 1);
  EXPECT_EQ(exitStatus(ErrorCode::NotFound), 4);
  for (const ErrorCode code : {ErrorCode::SignatureInvalid, ErrorCode::KeyUnknown, ErrorCode::ContentMismatch,
                               ErrorCode::ArchiveInvalid, ErrorCode::PathUnsafe, ErrorCode::MetadataExpired}) {
    EXPECT_EQ(exitStatus(code), 5) << name(code);
  }
  for (const ErrorCode code : {ErrorCode::DiskFull, ErrorCode::PortTaken, ErrorCode::ResourceMissing}) {
    EXPECT_EQ(exitStatus(code), 6) << name(code);
  }
  EXPECT_EQ(exitStatus(ErrorCode::NetworkUnreachable), 7);
  EXPECT_EQ(exitStatus(ErrorCode::Busy), 10);
  EXPECT_EQ(exitStatus(ErrorCode::Usage), 64);
}

TEST(ErrorCode, EveryHttpStatusSaysError) {
  for (const ErrorCode code : kAll) {
    EXPECT_GE(httpStatus(code), 400) << name(code);
    EXPECT_LT(httpStatus(code), 600) << name(code);
  }
  EXPECT_EQ(httpStatus(ErrorCode::NotFound), 404);
  EXPECT_EQ(httpStatus(ErrorCode::DiskFull), 507);
}

TEST(Error, ContextStandsBeforeTheMessageOutermostFirst) {
  const Error error =
      Error(ErrorCode::IoError, "No space left on device").withContext("app/main.py").withContext("unpack a 1.0.0");
  EXPECT_EQ(error.message(), "unpack a 1.0.0: app/main.py: No space left on device");
  EXPECT_EQ(error.code(), ErrorCode::IoError);
}

TEST(Error, HintAndFieldAreEmptyUntilTheyAreGiven) {
  const Error plain(ErrorCode::Usage, "no");
  EXPECT_EQ(plain.hint(), "");
  EXPECT_EQ(plain.field(), "");
  const Error full = Error(ErrorCode::Usage, "no").withHint("try yes").withField("answers[0]");
  EXPECT_EQ(full.hint(), "try yes");
  EXPECT_EQ(full.field(), "answers[0]");
}

}  // namespace
}  // namespace tenon::host
