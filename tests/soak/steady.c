// The service of tests/soak/run: serves HTTP on loopback at SERVICE_PORT, and misbehaves when it is asked to. One read is
// one request.
//   /health      200, or 503 as often as /unwell/N has said
//   /live        200, until /dead
//   /say/N       N numbered lines "say PID NUMBER …" on standard output; answers how many this process has written
//   /stray       leaves a process in a session of its own, which does nothing for ever
//   /exit/N      ends with that status
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static long unwell = 0, said = 0;
static int dead = 0;

static void say(long lines) {
  static const char kRest[] = "what a service has to say of itself, in a line that is about as long as lines of logs are";
  for (; lines > 0; --lines) printf("say %d %ld %s\n", (int)getpid(), said++, kRest);
  fflush(stdout);
}

static void leaveStray(void) {
  const pid_t child = fork();
  if (child != 0) return;
  setsid();
  for (;;) pause();
}

// The status of the answer. `path` is what stands between GET and HTTP/1.1.
static int act(const char* path) {
  long number = 0;
  if (strcmp(path, "/health") == 0) return unwell > 0 ? (--unwell, 503) : 200;
  if (strcmp(path, "/live") == 0) return dead ? 503 : 200;
  if (strcmp(path, "/dead") == 0) return dead = 1, 200;
  if (strcmp(path, "/stray") == 0) return leaveStray(), 200;
  if (sscanf(path, "/unwell/%ld", &number) == 1) return unwell = number, 200;
  if (sscanf(path, "/say/%ld", &number) == 1) return say(number), 200;
  if (sscanf(path, "/exit/%ld", &number) == 1) _exit((int)number);
  return 404;
}

static void answer(int fd) {
  char request[4096], path[128], text[160];
  const ssize_t got = read(fd, request, sizeof request - 1);
  if (got <= 0) {
    close(fd);
    return;
  }
  request[got] = '\0';
  const int status = sscanf(request, "GET %127s", path) == 1 ? act(path) : 400;
  char body[32];
  const int size = snprintf(body, sizeof body, "%ld", said);
  const int all = snprintf(text, sizeof text, "HTTP/1.1 %d said\r\nContent-Length: %d\r\n\r\n%s", status, size, body);
  if (write(fd, text, (size_t)all) != all || strcasestr(request, "connection: close") != NULL) close(fd);
}

static int listenOn(const char* port) {
  const int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(port))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, (const struct sockaddr*)&address, sizeof address) != 0 || listen(fd, 64) != 0) exit(1);
  return fd;
}

int main(void) {
  const char* port = getenv("SERVICE_PORT");
  if (port == NULL) return 2;
  const int listener = listenOn(port), epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    if (epoll_wait(epoll, &event, 1, -1) != 1) continue;
    if (event.data.fd != listener) {
      answer(event.data.fd);
      continue;
    }
    event.data.fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    event.events = EPOLLIN;
    if (event.data.fd >= 0) epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event);
  }
}
