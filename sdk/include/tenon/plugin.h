/* Tenon plugin SDK: the C ABI, major 1.
 *
 * A plugin is a shared library with one exported symbol, `tenon_plugin_v1`, and a manifest (`<stem>.plugin.json`) that the
 * host reads before any code of the plugin runs. Functions here are frozen; what changes over time travels in JSON
 * documents, whose shapes stand in sdk/schemas/.
 *
 * Rules that hold for every function below
 *   Memory   What is passed in lives until the call returns; the receiver copies what it wants to keep. Nothing allocated on
 *            one side is freed on the other.
 *   Text     UTF-8, `len` bytes, not terminated. A document is at most 1 MiB and 64 levels deep.
 *   Errors   A function returns a tenon_code. Before a code other than TENON_OK it calls `out->problem` once.
 *   Threads  Each function has one tag:
 *              [lifecycle] never concurrent with another call of the same plugin
 *              [pure]      any thread; same input, same bytes; starts nothing, opens no socket
 *              [bounded]   any thread; may look at the machine; returns within its deadline
 *              [any]       any thread, at any time, concurrently
 *              [waiter]    one thread at a time
 *   Growth   Structs carry their size first and only ever gain members at the end: read `struct_size` before you touch a
 *            member newer than the minor that you need.
 *   Unwind   No C++ exception, longjmp or signal handler crosses this border.
 */
#ifndef TENON_PLUGIN_H
#define TENON_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TENON_ABI_MAJOR 1
#define TENON_ABI_MINOR 1
#define TENON_ENTRY_MAGIC 0x314E4E54u /* "TNN1" in memory, little-endian */

#define TENON_DOCUMENT_MAX_BYTES 1048576u
#define TENON_DOCUMENT_MAX_DEPTH 64u

#if defined(_WIN32)
#define TENON_EXPORT __declspec(dllexport)
#else
#define TENON_EXPORT __attribute__((visibility("default")))
#endif

/* ---- values ------------------------------------------------------------------------------------------------------- */

typedef struct tenon_str {
  const char* ptr; /* may be NULL when len is 0 */
  uint64_t len;    /* bytes */
} tenon_str;

/* Closed list. */
typedef int32_t tenon_code;
enum {
  TENON_OK = 0,
  TENON_INVALID = 1,     /* the request is wrong; the problem names the field */
  TENON_UNSUPPORTED = 2, /* right request, but this plugin or machine can't */
  TENON_UNAVAILABLE = 3, /* can't now; may work later */
  TENON_CANCELLED = 4,   /* the sink asked to stop */
  TENON_DENIED = 5,      /* not permitted */
  TENON_INTERNAL = 6     /* the plugin's own bug */
};

/* Where a call puts its answers. Valid until the call returns; called on the caller's thread only. */
typedef struct tenon_sink {
  uint32_t struct_size, reserved0;
  void* ctx;
  /* One answer document. Non-zero: stop and return TENON_CANCELLED. */
  int32_t (*document)(void* ctx, tenon_str json);
  /* {"message", "hint", "field", "code", "retry_after_ms"}: all optional but message. `field` is a dotted path into the
   * request, e.g. "exec.entry"; `code` one of Tenon's error codes (docs/errors.md) where one fits better than tenon_code. */
  void (*problem)(void* ctx, int32_t code, tenon_str json);
} tenon_sink;

/* A call by documents. */
typedef int32_t (*tenon_op)(void* self, tenon_str request, const tenon_sink* out);

/* ---- entry -------------------------------------------------------------------------------------------------------- */

/* What the host offers a plugin. Lives as long as the process. */
typedef struct tenon_host {
  uint32_t struct_size;
  uint16_t abi_major, abi_minor;
  void* ctx;
  /* [any] level: 0 debug, 1 info, 2 warning, 3 error. */
  void (*log)(void* ctx, int32_t level, tenon_str text);
} tenon_host;

/* The one export. The host refuses a plugin unless magic and major match and abi_minor_min <= its own minor. */
typedef struct tenon_entry {
  uint32_t magic, struct_size;
  uint16_t abi_major;
  uint16_t abi_minor_built; /* the SDK that it was compiled with */
  uint16_t abi_minor_min;   /* the oldest host that can serve it */
  uint16_t reserved0;
  /* [lifecycle] Makes the plugin's state. Starts no thread, opens no file that stays open. */
  int32_t (*open)(const tenon_host* host, void** self);
  /* [lifecycle] A table by id ("tenon.driver/1"), or NULL where it is not offered. Lives until close. */
  const void* (*extension)(void* self, const char* id);
  /* [lifecycle] The last call. */
  void (*close)(void* self);
} tenon_entry;

/* extern const tenon_entry tenon_plugin_v1;    in a shared library
 * extern const tenon_entry tenon_plugin_v1_X;  of the plugin named X, when it is linked into the host */

/* ---- runtime driver ----------------------------------------------------------------------------------------------- */

#define TENON_EXT_DRIVER "tenon.driver/1"

/* A driver is a planner: it starts nothing and keeps no state. */
typedef struct tenon_driver {
  uint32_t struct_size, reserved0;
  /* [bounded] tenon.fingerprint-request/1 -> tenon.fingerprint/1: which runtimes of its kind the machine has. */
  tenon_op fingerprint;
  /* [pure] tenon.plan-request/1 -> tenon.plan/1: how to launch one release. */
  tenon_op plan;
} tenon_driver;

/* ---- platform adapter: processes ---------------------------------------------------------------------------------- */

#define TENON_EXT_PLATFORM "tenon.platform/1"

/* Names a process for the life of this agent process; never reused. 0 is none. */
typedef uint64_t tenon_process;

enum { TENON_ENDED_EXIT = 0, TENON_ENDED_SIGNAL = 1, TENON_ENDED_UNKNOWN = 2 };

typedef struct tenon_ended {
  tenon_process process;
  int32_t how;           /* TENON_ENDED_* */
  int32_t code;          /* exit status, or signal number */
  int32_t out_of_memory; /* 1: the limit's killer ended it; 0: not, or not known */
  int32_t reserved0;
} tenon_ended;

typedef struct tenon_stats {
  uint32_t struct_size, reserved0;
  uint64_t cpu_us;         /* of the whole tree, since spawn */
  uint64_t resident_bytes; /* of the whole tree, now */
  uint64_t peak_bytes;     /* 0 where the machine does not tell */
  uint64_t processes;      /* alive in the tree */
  uint64_t read_bytes;     /* since minor 1: from storage, since spawn; where nobody counts by tree, of what lives in it */
  uint64_t written_bytes;  /* since minor 1: to storage, likewise; on Windows both count all handles */
} tenon_stats;

typedef struct tenon_platform {
  uint32_t struct_size, reserved0;
  /* [bounded] tenon.describe-request/1 -> tenon.platform-facts/1: platforms it satisfies, in order of preference; cpu count,
   * memory, containment ("cgroup-v2", "cgroup-v1", "process-group", "job-object"), folder for sockets, this program's
   * own file. */
  tenon_op describe;
  /* [any] tenon.spawn/1 -> tenon.process/1. The child is inside its containment before its first instruction, has only the
   * descriptors, environment and working folder that the request names. The answer document is the process's lasting
   * identity (pid, start time, boot id, group): give it to `adopt` after a restart of the agent. It also tells what of the
   * request's isolation could not be had. With `into`, a handle: the child joins that process's containment and ends with
   * it; kill_tree, stats and freeze of its own handle mean what it led to itself. */
  int32_t (*spawn)(void* self, tenon_str request, tenon_process* process, const tenon_sink* out);
  /* [any] tenon.process/1 -> a handle, where that very process still runs. A problem with code "not-found" otherwise. */
  int32_t (*adopt)(void* self, tenon_str identity, tenon_process* process, const tenon_sink* out);
  /* [waiter] Blocks until a process ends, `wake` is called, or timeout_ms passes (-1: no limit). Writes up to `capacity`
   * ends, and how many into `count`. Each end is told once. Woken or timed out: TENON_OK and 0. */
  int32_t (*wait)(void* self, int64_t timeout_ms, tenon_ended* ended, uint32_t capacity, uint32_t* count);
  /* [any] Ends the `wait` that runs, or the next one. */
  void (*wake)(void* self);
  /* [any] To the main process. Names: TERM INT HUP QUIT USR1 USR2 KILL. Already ended: TENON_OK. */
  int32_t (*signal)(void* self, tenon_process process, tenon_str name, const tenon_sink* out);
  /* [any] Kills all that the spawn led to, and returns when none of it is left, or after 5 s with an error. */
  int32_t (*kill_tree)(void* self, tenon_process process, const tenon_sink* out);
  /* [any] Forgets an ended process and removes its empty containment. */
  void (*release)(void* self, tenon_process process);
  /* [any] */
  int32_t (*stats)(void* self, tenon_process process, tenon_stats* stats, const tenon_sink* out);
  /* [any] Does the process's tree own a listener on this TCP port? *owns: 1 yes, 0 somebody else does, -1 nobody does or
   * the machine does not tell. */
  int32_t (*owns_listener)(void* self, tenon_process process, uint16_t port, int32_t* owns, const tenon_sink* out);
  /* [any] Columns of the terminal behind standard stream `fd` (1 or 2); 0 where it is none. */
  int32_t (*terminal_columns)(void* self, int32_t fd);
  /* [lifecycle] For a server, before its first thread: from now on the OS's requests to end this process (SIGTERM, SIGINT,
   * SIGQUIT) wait for the thread that asks for them, and end no other. Where the OS limits how many files are open at once,
   * a server may have as many as this process can; what it spawns, or becomes, has the limit that was there before. */
  void (*hold_termination)(void* self);
  /* [any] Since minor 1. Kills all that was spawned with a name that begins so, by whatever process, except what this
   * adapter has handles of; returns when none of it is left, or with an error. What an agent that died had started and not
   * yet written down is found by its names alone. Not while a spawn with such a name is under way. */
  int32_t (*kill_unknown)(void* self, tenon_str beginning, const tenon_sink* out);
  /* [any] Since minor 1. on = 1: stops all that the spawn led to where it stands and returns when nothing of it runs; where
   * that is not so after 5 s, an error, and it runs on. on = 0: lets it go on. What is so already: TENON_OK. What is frozen
   * can be killed and adopted; a signal waits until it goes on. */
  int32_t (*freeze)(void* self, tenon_process process, int32_t on, const tenon_sink* out);
  /* [lifecycle] Since minor 1; null where the OS has nothing like it. tenon.become/1: this process becomes that program. Its
   * number, children, environment, working folder and standard streams stay; what else it has open is closed. Returns with
   * an error alone, and then everything is as it was. */
  int32_t (*become)(void* self, tenon_str request, const tenon_sink* out);
  /* [bounded] Since minor 1; null where libraries for TLS find them by themselves. -> tenon.authorities/1: whom the machine
   * trusts to vouch for servers. */
  int32_t (*authorities)(void* self, const tenon_sink* out);
  /* [bounded] Since minor 1; null where nobody tells. -> tenon.own-state/1: what this process holds at this moment, so that
   * two looks show what came in between. */
  int32_t (*own_state)(void* self, const tenon_sink* out);
} tenon_platform;

/* ---- platform adapter: files -------------------------------------------------------------------------------------- */

#define TENON_EXT_FILES "tenon.files/1"

/* Handles are the adapter's own numbers, never reused; 0 is none. Paths are absolute, '/' between parts, on every OS. */
typedef uint64_t tenon_folder;
typedef uint64_t tenon_file;
typedef uint64_t tenon_lock;
typedef uint64_t tenon_barrier;

enum {
  TENON_CREATE_EXECUTABLE = 1, /* others may execute it */
  TENON_CREATE_PRIVATE = 2,    /* only the owner may read it */
  TENON_CREATE_APPEND = 4,     /* may exist already; each write goes to the end */
  TENON_CREATE_READ_ONLY = 8,  /* nobody may write it once it is closed; a system without such a mode ignores it */
  TENON_CREATE_UNCACHED = 16   /* hint: large, so not to push other content out of the system's cache; worth most where each
                                  write's memory, offset and count are multiples of 4,096 */
};
enum { TENON_FOLDER_PRIVATE = 1, TENON_FOLDER_PARENTS = 2, TENON_FOLDER_SHUT = 4 };

enum { TENON_KIND_FILE = 1, TENON_KIND_FOLDER = 2, TENON_KIND_SYMLINK = 3, TENON_KIND_OTHER = 4 };

typedef struct tenon_file_info {
  uint32_t struct_size;
  int32_t kind;       /* TENON_KIND_*; a link is told as a link */
  uint64_t size;      /* bytes; of a symlink, of its target's text */
  int32_t executable; /* 1: somebody may execute it */
  uint32_t links;     /* names that the content has */
} tenon_file_info;

/* All [any]. A failed call has changed nothing unless said otherwise. Problems carry "code": disk-full, io-error, not-found,
 * already-exists, busy, denied. Durable means: survives a power cut. */
typedef struct tenon_files {
  uint32_t struct_size, reserved0;
  /* An existing folder is TENON_OK with PARENTS, "already-exists" without. SHUT, beside both: one that is ours becomes
   * private, too, where the system knows that. */
  int32_t (*make_folder)(void* self, tenon_folder in, tenon_str name_or_path, uint32_t flags, const tenon_sink* out);
  int32_t (*open_folder)(void* self, tenon_folder in, tenon_str name_or_path, tenon_folder* folder, const tenon_sink* out);
  void (*close_folder)(void* self, tenon_folder folder);
  /* Never follows a link, never overwrites (but APPEND). `in` 0: the text is an absolute path; else one name in the folder.
   */
  int32_t (*create)(void* self, tenon_folder in, tenon_str name_or_path, uint32_t flags, tenon_file* file,
                    const tenon_sink* out);
  /* All bytes or an error; after an error the content is not defined. APPEND files ignore the offset. */
  int32_t (*write)(void* self, tenon_file file, uint64_t offset, const void* bytes, uint64_t count, const tenon_sink* out);
  /* Hint: bytes up to `offset` will not change; begin to write them out. */
  void (*write_behind)(void* self, tenon_file file, uint64_t offset);
  /* Content durable. An error is final: the call is never to be tried again as if it might then succeed. */
  int32_t (*sync_file)(void* self, tenon_file file, const tenon_sink* out);
  void (*close_file)(void* self, tenon_file file);
  /* The names in the folder durable. */
  int32_t (*sync_folder)(void* self, tenon_str path, const tenon_sink* out);
  /* Atomic; `to` may exist and is then replaced. Not durable before sync_folder. */
  int32_t (*replace)(void* self, tenon_str from, tenon_str to, const tenon_sink* out);
  /* Atomic; "already-exists" where `to` is there. Files and folders. */
  int32_t (*rename_new)(void* self, tenon_str from, tenon_str to, const tenon_sink* out);
  /* Opened before the first write of many files under `path`; one barrier_sync then makes all of them durable, names
   * included, or tells the error of any. */
  int32_t (*barrier_open)(void* self, tenon_str path, tenon_barrier* barrier, const tenon_sink* out);
  int32_t (*barrier_sync)(void* self, tenon_barrier barrier, const tenon_sink* out);
  void (*barrier_close)(void* self, tenon_barrier barrier);
  /* Exclusive between processes and within one; "busy" at once where another holds it; freed by the holder's death. The file
   * stays. A link in its place is "denied". */
  int32_t (*lock)(void* self, tenon_str path, tenon_lock* lock, const tenon_sink* out);
  void (*unlock)(void* self, tenon_lock lock);
  /* Reflink, else hard link, else copy, in that order. `to` must not exist. */
  int32_t (*clone_or_link)(void* self, tenon_str from, tenon_str to, const tenon_sink* out);
  int32_t (*make_symlink)(void* self, tenon_folder in, tenon_str name_or_path, tenon_str target, const tenon_sink* out);
  /* Missing is TENON_OK. remove_tree follows no link; after an error part of the tree may be gone. */
  int32_t (*remove_file)(void* self, tenon_str path, const tenon_sink* out);
  int32_t (*remove_tree)(void* self, tenon_str path, const tenon_sink* out);
  /* Bytes that this user can still write under `path`. */
  int32_t (*free_space)(void* self, tenon_str path, uint64_t* bytes, const tenon_sink* out);
  /* A file to read; a link at the end of the path is not followed ("denied"). Close with close_file. */
  int32_t (*open)(void* self, tenon_str path, tenon_file* file, uint64_t* size, const tenon_sink* out);
  /* Up to `count` bytes from `offset`; *got is less only at the end of the file. */
  int32_t (*read)(void* self, tenon_file file, uint64_t offset, void* bytes, uint64_t count, uint64_t* got,
                  const tenon_sink* out);
  int32_t (*inspect)(void* self, tenon_str path, tenon_file_info* info, const tenon_sink* out);
  /* Every entry but "." and "..", in no order; a non-zero answer of `entry` ends it with TENON_CANCELLED. */
  int32_t (*list)(void* self, tenon_str path, void* ctx, int32_t (*entry)(void* ctx, tenon_str name, int32_t kind),
                  const tenon_sink* out);
  /* The target's text is the answer document, as it is (no JSON). */
  int32_t (*read_symlink)(void* self, tenon_str path, const tenon_sink* out);
  /* The front of a log that another process appends to, and goes on appending to meanwhile. `count` is a multiple of 65,536
   * and less than the file's size. "platform-unsupported" where the file system can't; the file is then as it was.
   * An adapter whose struct_size ends before these three can't, either.
   * empty_front: the first `count` bytes take no room any more and read as zeros; nothing moves; durable. */
  int32_t (*empty_front)(void* self, tenon_str path, uint64_t count, const tenon_sink* out);
  /* The first `count` bytes are gone: what stood behind them stands at the beginning. In one step for every reader and
   * writer; not durable. */
  int32_t (*cut_front)(void* self, tenon_str path, uint64_t count, const tenon_sink* out);
  /* Where the first byte is that takes room: what empty_front was given last, or, of what was never emptied, 0. The file's
   * size where there is none. */
  int32_t (*first_data)(void* self, tenon_str path, uint64_t* offset, const tenon_sink* out);
  /* Since minor 1. A library whose bytes nobody can change any more while the file is open: a copy in memory, or the file
   * itself, shut to writers. `read` gives those bytes, and this process loads them by the path that is the answer document
   * (as it is, no JSON). A link at the end of the path is "denied"; where somebody writes it
   * now it may be "busy". */
  int32_t (*seal)(void* self, tenon_str path, tenon_file* file, uint64_t* size, const tenon_sink* out);
} tenon_files;

/* ---- platform adapter: processes that serve messages ---------------------------------------------------------------- */

#define TENON_EXT_CHANNELS "tenon.channels/1"

/* Names a channel for the life of this agent process; never reused. 0 is none. */
typedef uint64_t tenon_channel;

#define TENON_MESSAGE_MAX_BYTES 4194304u

/* Optional: helpers of the host, in which plugins run apart from it. A helper ends with its channel, and with the process
 * that opened it; `wait` tells nothing of it. It finds its end of the channel by TENON_CHANNEL in its environment, which is
 * the number of an open descriptor or handle. A message goes as its length (4 bytes, little-endian) and its bytes. */
typedef struct tenon_channels {
  uint32_t struct_size, reserved0;
  /* [any] tenon.spawn/1, where `output` may be missing, which is none. `library`: 0, or what seal gave, which the
   * helper loads by the path that seal told. The answer document is as of spawn. */
  int32_t (*open)(void* self, tenon_str request, tenon_file library, tenon_channel* channel, const tenon_sink* out);
  /* [any] One at a time for a channel: sends a message and receives one, which is the answer document as it is (no JSON).
   * Problems: "timeout" after timeout_ms; "io-error" where the helper has ended, and the message says how; "limit-exceeded".
   * After any of them the channel is of no use but to be closed. */
  int32_t (*exchange)(void* self, tenon_channel channel, tenon_str message, uint32_t timeout_ms, const tenon_sink* out);
  /* [any] Kills the helper with all that it led to. 0 and what is closed already: nothing. */
  void (*close)(void* self, tenon_channel channel);
} tenon_channels;

/* ---- platform adapter: programs that the system starts ------------------------------------------------------------ */

#define TENON_EXT_SYSTEM_SERVICES "tenon.system-services/1"

/* Optional: for systems whose manager of services has to be told by a program (Windows); where a file says it (systemd), no
 * adapter offers this. */
typedef struct tenon_system_services {
  uint32_t struct_size, reserved0;
  /* [any] tenon.system-service/1: from now on the system starts this program at every boot, and again where it fails; it is
   * started now, too. "already-exists" where there is one of this name, "denied" without the rights. */
  int32_t (*install)(void* self, tenon_str service, const tenon_sink* out);
  /* [any] Ends the program where it runs, waits for its end for at most 30 s, and forgets it. "not-found" where there is
   * none of this name. */
  int32_t (*remove)(void* self, tenon_str name, const tenon_sink* out);
} tenon_system_services;

#ifdef __cplusplus
}
#endif
#endif
