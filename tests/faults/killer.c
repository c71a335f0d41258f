// For LD_PRELOAD: counts the calls of this process that change the disk, of all its threads, and kills it before the one
// that is asked for. The file named by TENON_FAULT_CONTROL holds three numbers: the call to be killed at (0: none), the
// calls so far, and which kind of call it was.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static volatile int64_t* control;
static pid_t self;

__attribute__((constructor)) static void begin(void) {
  const char* path = getenv("TENON_FAULT_CONTROL");
  const int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
  if (file < 0) return;
  void* mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  self = getpid();
  if (mapped != MAP_FAILED) control = mapped;
}

static void point(int kind) {
  if (!control || getpid() != self) return;
  const int64_t number = __atomic_add_fetch(&control[1], 1, __ATOMIC_SEQ_CST);
  if (number != control[0]) return;
  control[2] = kind;
  kill(self, SIGKILL);
  for (;;) pause();
}

static int onDisk(int file) {
  struct stat found;
  return fstat(file, &found) == 0 && S_ISREG(found.st_mode);
}

// kind, result, name, (parameters), (arguments), whether it counts
#define WRAPPED(kind, result, name, parameters, arguments, counts) \
  result name parameters {                                         \
    static result(*real) parameters;                               \
    if (!real) *(void**)&real = dlsym(RTLD_NEXT, #name);           \
    if (control && (counts)) point(kind);                          \
    return real arguments;                                         \
  }

// The order of KINDS in tests/faults/kill.
WRAPPED(0, int, fsync, (int file), (file), 1)
WRAPPED(1, int, fdatasync, (int file), (file), 1)
WRAPPED(2, int, syncfs, (int file), (file), 1)
WRAPPED(3, int, rename, (const char* from, const char* to), (from, to), 1)
WRAPPED(4, int, renameat, (int at, const char* from, int under, const char* to), (at, from, under, to), 1)
WRAPPED(5, int, renameat2, (int at, const char* from, int under, const char* to, unsigned flags),
        (at, from, under, to, flags), 1)
WRAPPED(6, int, link, (const char* from, const char* to), (from, to), 1)
WRAPPED(7, int, linkat, (int at, const char* from, int under, const char* to, int flags), (at, from, under, to, flags), 1)
WRAPPED(8, int, unlink, (const char* path), (path), 1)
WRAPPED(9, int, unlinkat, (int at, const char* path, int flags), (at, path, flags), 1)
WRAPPED(10, int, rmdir, (const char* path), (path), 1)
WRAPPED(11, int, mkdir, (const char* path, mode_t mode), (path, mode), 1)
WRAPPED(12, int, mkdirat, (int at, const char* path, mode_t mode), (at, path, mode), 1)
WRAPPED(13, int, symlink, (const char* to, const char* path), (to, path), 1)
WRAPPED(14, int, symlinkat, (const char* to, int at, const char* path), (to, at, path), 1)
WRAPPED(15, ssize_t, write, (int file, const void* bytes, size_t size), (file, bytes, size), onDisk(file))
WRAPPED(16, ssize_t, writev, (int file, const struct iovec* pieces, int count), (file, pieces, count), onDisk(file))
WRAPPED(17, ssize_t, pwrite, (int file, const void* bytes, size_t size, off_t at), (file, bytes, size, at), onDisk(file))
WRAPPED(17, ssize_t, pwrite64, (int file, const void* bytes, size_t size, off_t at), (file, bytes, size, at), onDisk(file))
WRAPPED(18, ssize_t, copy_file_range, (int from, off_t* at, int to, off_t* under, size_t size, unsigned flags),
        (from, at, to, under, size, flags), 1)
WRAPPED(19, ssize_t, sendfile, (int to, int from, off_t* at, size_t size), (to, from, at, size), onDisk(to))
WRAPPED(19, ssize_t, sendfile64, (int to, int from, off_t* at, size_t size), (to, from, at, size), onDisk(to))
WRAPPED(20, int, ftruncate, (int file, off_t size), (file, size), 1)
WRAPPED(20, int, ftruncate64, (int file, off_t size), (file, size), 1)
WRAPPED(21, int, fchmod, (int file, mode_t mode), (file, mode), 1)

#define OPENED(name, parameters, arguments)               \
  int name parameters {                                   \
    static int(*real) parameters;                         \
    if (!real) *(void**)&real = dlsym(RTLD_NEXT, #name);  \
    mode_t mode = 0;                                      \
    if (flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) { \
      va_list rest;                                       \
      va_start(rest, flags);                              \
      mode = va_arg(rest, mode_t);                        \
      va_end(rest);                                       \
      point(22);                                          \
    }                                                     \
    return real arguments;                                \
  }

OPENED(open, (const char* path, int flags, ...), (path, flags, mode))
OPENED(open64, (const char* path, int flags, ...), (path, flags, mode))
OPENED(openat, (int at, const char* path, int flags, ...), (at, path, flags, mode))
OPENED(openat64, (int at, const char* path, int flags, ...), (at, path, flags, mode))

int ioctl(int file, unsigned long request, ...) {
  static int (*real)(int, unsigned long, ...);
  if (!real) *(void**)&real = dlsym(RTLD_NEXT, "ioctl");
  va_list rest;
  va_start(rest, request);
  void* argument = va_arg(rest, void*);
  va_end(rest);
  if (control && onDisk(file)) point(23);
  return real(file, request, argument);
}
