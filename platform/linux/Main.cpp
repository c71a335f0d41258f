// Where a program of the host begins on Linux: arguments are UTF-8 already, so there is nothing to translate.
#include <csignal>

extern "C" int tenon_main(int argc, char** argv);

int main(int argc, char** argv) {
  // A connection that breaks while it is written to is an error like others; TLS writes without MSG_NOSIGNAL. Services get
  // their signals back when they are started.
  std::signal(SIGPIPE, SIG_IGN);
  return tenon_main(argc, argv);
}
