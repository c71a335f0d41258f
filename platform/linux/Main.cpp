// Where a program of the host begins on Linux: arguments are UTF-8 already, so there is nothing to translate.
#include <csignal>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

extern "C" int tenon_main(int argc, char** argv);

int main(int argc, char** argv) {
  // A connection that breaks while it is written to is an error like others; TLS writes without MSG_NOSIGNAL. Services get
  // their signals back when they are started.
  std::signal(SIGPIPE, SIG_IGN);
#if defined(__GLIBC__)
  // Each of an agent's dozen threads would get a heap of its own, and keep what it has freed: a quarter of the memory of a
  // node with many services. They allocate little, and never wait for one another long.
  ::mallopt(M_ARENA_MAX, 1);
#endif
  return tenon_main(argc, argv);
}
