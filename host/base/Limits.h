// Every limit on what comes from outside, and why it is what it is. A limit that is met is an error that names it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tenon::host::limits {

inline constexpr std::uint64_t KiB = 1024, MiB = 1024 * KiB, GiB = 1024 * MiB;

// Documents.
inline constexpr std::size_t kJsonBytes = 8 * MiB;  // a hub's list of 10,000 releases is about 5 MiB
inline constexpr std::size_t kServiceJsonBytes = 1 * MiB;
inline constexpr std::size_t kJsonDepth = 64;
inline constexpr std::size_t kJsonValues = 1'000'000;  // some 50 bytes each once read; the hub's list has about 200,000
inline constexpr std::size_t kPluginDocumentBytes = 1 * MiB;  // also in the ABI
inline constexpr std::size_t kPluginLogBytes = 4 * KiB;       // one line of a plugin in the agent's log
inline constexpr std::size_t kPluginHeaderBytes =
    16 * KiB;                                       // of a library, read before it is loaded: where its segments stand
inline constexpr std::size_t kPluginProvides = 64;  // exec types or platforms of one plugin
inline constexpr std::uint64_t kPluginLibraryBytes = 256 * MiB;
inline constexpr std::size_t kPlugins = 1000;                 // in one folder; a node has a handful
inline constexpr std::uint64_t kPluginHostBytes = 512 * MiB;  // memory of a plugin's own process and what it runs
inline constexpr std::uint64_t kPluginHostProcesses = 64;
inline constexpr std::chrono::seconds kPluginLoadTime{10}, kPlanTime{5};
inline constexpr std::chrono::seconds kFingerprintTime{10};  // a driver may run its runtime's --version, on a busy machine
inline constexpr std::size_t kPluginCrashes = 3;
inline constexpr std::chrono::minutes kPluginCrashWindow{10};
inline constexpr std::chrono::seconds kFingerprintAge{60};  // how long what a driver found on the node is believed

// The conformance kit (host/conformance).
inline constexpr std::size_t kGoldenVectors = 1000;
inline constexpr std::size_t kGoldenFileBytes = 1 * MiB;
inline constexpr std::size_t kExportedSymbols = 100'000;
inline constexpr std::size_t kRepeatedPlans = 1000;  // in a row, and as many by threads
inline constexpr std::size_t kPlanningThreads = 8;
inline constexpr std::size_t kOddDocuments = 10'000, kMostOddDocuments = 100'000'000;
inline constexpr std::size_t kKeptCallBytes = 8 * MiB;     // a request of 1 MiB, escaped
inline constexpr std::size_t kInspectionBytes = 64 * MiB;  // what an inspection is told, and what it says
inline constexpr std::chrono::seconds kLongInspection{120}, kShortInspection{30};

inline constexpr std::size_t kManifestBytes = 64 * MiB;  // 200,000 files at 300 bytes a line
inline constexpr std::size_t kManifestSignatureBytes = 64 * KiB;
inline constexpr std::size_t kSignatures = 32;
inline constexpr std::size_t kKeyFileBytes = 16 * KiB;
inline constexpr std::size_t kRootBytes = 1 * MiB;  // a root with a thousand revoked releases is about 100 KiB
inline constexpr std::size_t kRootSteps = 1024;     // roots that a node follows at once; a fleet has a few a year
inline constexpr std::size_t kChannelBytes = 32;
inline constexpr std::chrono::hours kSignedTimeAhead{24};  // how far ahead of the system's a signed time may be believed
inline constexpr std::size_t kTrustedKeys = 1000;  // a node trusts a handful; a list that grows past this is a mistake

inline constexpr std::uint64_t kLogFileBytes = 16 * MiB;  // of the agent's own log, before it is moved aside

inline constexpr std::uint64_t kEventLogBytes =
    16 * MiB;  // some 80,000 events, before they are moved aside; twice that in all

inline constexpr std::uint64_t kChangesKept = 1000;  // with their evidence; an agent reads them all when it starts

// Logs of services.
inline constexpr std::uint64_t kServiceLogBytes = 64 * MiB;  // before it is rotated, where service.json does not say
inline constexpr std::uint32_t kLogArchives = 4;             // the same, of the parts that are kept
inline constexpr std::size_t kLogMarksBytes = 512 * KiB;     // some 15,000 moments of one log
inline constexpr std::size_t kOldLogs = 4;                   // of versions that are not installed any more, of one service
inline constexpr std::uint64_t kLogLineBytes = 64 * KiB;     // shown and searched as one; a longer line in pieces
inline constexpr std::uint64_t kLogTailLines = 1'000'000;

// Packages.
inline constexpr std::size_t kPackageEntries = 200'000;
inline constexpr std::uint64_t kPackageBytes = 1024 * GiB;  // unpacked, all files together
inline constexpr std::uint64_t kZipBytes = 1024 * GiB;
inline constexpr std::size_t kPathBytes = 1024;
inline constexpr std::size_t kPathPartBytes = 255;  // what ext4, xfs and NTFS hold
inline constexpr std::size_t kPathDepth = 32;
inline constexpr std::size_t kSymlinkTargetBytes = 1024;
inline constexpr std::uint64_t kInflateRatio = 1100;  // deflate's own ceiling is 1032
// Smaller packages come as one stream: the requests for pieces would take longer than the bytes that they save.
inline constexpr std::uint64_t kPiecesFromBytes = 1 * MiB;
inline constexpr std::uint64_t kDiskMarginBytes = 64 * MiB;  // left free beside a package

// Services.
inline constexpr std::size_t kServiceIdBytes = 63;
inline constexpr std::size_t kVersionBytes = 128;
inline constexpr std::size_t kRangeBytes = 256;   // two full versions and their operators
inline constexpr std::size_t kPrepareSteps = 32;  // a plan's: each is a program that is run and waited for
inline constexpr std::chrono::seconds kGpuQueryDeadline{20};
inline constexpr std::uint64_t kGpuAnswerBytes = 4 << 10;    // a line a GPU
inline constexpr std::chrono::minutes kPrepareDeadline{30};  // one step: a large environment out of wheels, on a slow disk
inline constexpr std::size_t kExitCodeMeanings = 256;        // what an exit status can be on POSIX
inline constexpr std::size_t kEnvironmentEntries = 512;
inline constexpr std::size_t kArguments = 1024;
inline constexpr std::size_t kExtraPorts = 32;
inline constexpr std::size_t kHealthBodyBytes = 64 * KiB;
inline constexpr std::size_t kHealthHeaderBytes = 16 * KiB;
inline constexpr int kPortAttempts = 100;                    // default_port and +1 ... +99 [origin]
inline constexpr std::uint64_t kExecutionBytes = 256 * MiB;  // that `tenon exec` shows
inline constexpr std::size_t kHealthTextBytes = 200;         // of an answer, in the one line that is shown
inline constexpr int kPortMoves = 10;                        // in a row, before a service counts as failing: see PortLost
inline constexpr int kTrialAttempts = 3;                     // starts of an unproven release, across reboots

// HTTP server.
inline constexpr std::size_t kHttpHeaderBytes = 32 * KiB;
inline constexpr std::size_t kHttpHeaderFields = 100;
inline constexpr std::size_t kHttpTargetBytes = 4 * KiB;
inline constexpr std::size_t kHttpJsonBodyBytes = 1 * MiB;
inline constexpr std::size_t kHttpRanges = 200;  // of one file in one answer
inline constexpr std::size_t kHttpConnections = 12'000;
inline constexpr std::chrono::seconds kHttpHeaderDeadline{10};
inline constexpr std::chrono::seconds kHttpIdle{75};
inline constexpr std::chrono::seconds kHttpBodyStall{20};
inline constexpr std::chrono::seconds kHttpLinger{2};  // reading over what a refused client still sends, so that it sees why

// Metrics.
inline constexpr std::size_t kMetricsConnections = 32;            // of --metrics-listen, where nobody shows a token
inline constexpr std::chrono::milliseconds kMetricsPatience{20};  // of an answer, for what is being looked at anew
inline constexpr std::chrono::seconds kUsageAge{1};               // what services use is looked at no more often
inline constexpr std::chrono::minutes kStoreSizeAge{10};          // the store without a change: every file is looked at

// The relay in front of services (host/relay).
inline constexpr std::size_t kEndpointTableBytes = 1 * MiB;  // some 8,000 endpoints
inline constexpr std::size_t kRelayConnections = 10'000;
inline constexpr std::size_t kRelayBufferBytes = 64 * KiB;  // each way, of one connection
inline constexpr std::chrono::seconds kRelayHold{10};       // for a service that starts
inline constexpr std::chrono::hours kRelayIdle{1};  // nothing either way: long polls and streams of events may be silent
inline constexpr std::chrono::milliseconds kRelayLookAgain{20};  // at the table, and whether a service listens now

// Hub.
inline constexpr std::size_t kHubUploads = 4;  // at once: each holds a worker while its bytes come

// HTTP client.
inline constexpr int kRedirects = 5;
inline constexpr std::chrono::seconds kConnectTimeout{10};
inline constexpr std::chrono::seconds kReceiveTimeout{30};
inline constexpr std::chrono::seconds kUploadAnswer{300};  // a hub syncs gigabytes to its disk before it answers
inline constexpr int kInterimAnswers = 8;                  // 1xx before the answer
inline constexpr int kDownloadAttempts = 6;
inline constexpr int kDocumentAttempts = 3;               // somebody waits for the hub's list
inline constexpr std::chrono::seconds kDocumentPause{2};  // that it may ask for before each
inline constexpr std::uint64_t kMinimumRate = 4 * KiB;    // bytes a second, over the window below
inline constexpr std::chrono::seconds kRateWindow{30};

}  // namespace tenon::host::limits
