/* Answers on SERVICE_PORT; /health tells Tenon that it is ready. POSIX; one caller after the other. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static const char *const kHealth = "{\"status\": \"ok\"}", *const kTop = "{\"service\": \"${SERVICE_ID}\"}";

/* Reads to the end of the headers, then answers. */
static void serve(int connection) {
  const struct timeval patience = {2, 0};
  char request[4096] = "", answer[512];
  size_t length = 0;
  setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  while (length < sizeof request - 1 && !strstr(request, "\r\n\r\n")) {
    const ssize_t got = read(connection, request + length, sizeof request - 1 - length);
    if (got <= 0) return;
    request[length += (size_t)got] = '\0';
  }
  const char* body = strncmp(request, "GET /health ", 12) == 0 ? kHealth : strncmp(request, "GET / ", 6) == 0 ? kTop : NULL;
  const int size =
      snprintf(answer, sizeof answer,
               "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
               body ? "200 OK" : "404 Not Found", body ? strlen(body) : 0, body ? body : "");
  if (write(connection, answer, (size_t)size) != size) perror("write");
}

int main(void) {
  const char* port = getenv("SERVICE_PORT");
  const int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(port ? port : "0"))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr*)&address, sizeof address) != 0 || listen(listener, 64) != 0) {
    perror("SERVICE_PORT");
    return 1;
  }
  for (;;) {
    const int connection = accept(listener, NULL, NULL);
    if (connection < 0) continue;
    serve(connection);
    close(connection);
  }
}
