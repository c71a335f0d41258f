// The service that bench/peers/supervise has supervised: bench_tick SOCKET NAME. The first thing it does is to tell its
// start, as "NAME PID NANOSECONDS" (CLOCK_MONOTONIC), in a datagram to the abstract unix socket SOCKET; nobody there is no
// fault. Then it answers 200 on loopback at SERVICE_PORT where that is set, connections kept, and sleeps where it is not.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static void tell(const char* to, const char* name) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  char text[160];
  const int size = snprintf(text, sizeof text, "%s %d %lld", name, (int)getpid(), now.tv_sec * 1000000000LL + now.tv_nsec);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  const size_t length = strnlen(to, sizeof address.sun_path - 1);
  memcpy(address.sun_path + 1, to, length);
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const socklen_t whole = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length);
  sendto(fd, text, (size_t)size, 0, (const struct sockaddr*)&address, whole);
  close(fd);
}

static int listenOn(const char* port) {
  const int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(port))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, (const struct sockaddr*)&address, sizeof address) != 0 || listen(fd, 64) != 0) exit(1);
  return fd;
}

// One read is one request: whoever asks for health sends no more than a packet.
static void answer(int fd) {
  static const char kOk[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  char request[4096];
  const ssize_t got = read(fd, request, sizeof request - 1);
  if (got > 0 && write(fd, kOk, sizeof kOk - 1) > 0) {
    request[got] = '\0';
    if (strcasestr(request, "connection: close") == NULL) return;
  }
  close(fd);
}

static void serve(int listener) {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    if (epoll_wait(epoll, &event, 1, -1) != 1) continue;
    if (event.data.fd != listener) {
      answer(event.data.fd);
      continue;
    }
    const int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    event.events = EPOLLIN;
    event.data.fd = fd;
    if (fd >= 0) epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  }
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  tell(argv[1], argv[2]);
  const char* port = getenv("SERVICE_PORT");
  if (port != NULL) serve(listenOn(port));
  for (;;) pause();
}
