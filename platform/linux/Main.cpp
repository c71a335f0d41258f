// Where a program of the host begins on Linux: arguments are UTF-8 already, so there is nothing to translate.
extern "C" int tenon_main(int argc, char** argv);

int main(int argc, char** argv) { return tenon_main(argc, argv); }
