s/^typedef uint64_t tenon_channel;/&\ntypedef struct tenon_later {\n  uint32_t struct_size, reserved0;\n} tenon_later;/
