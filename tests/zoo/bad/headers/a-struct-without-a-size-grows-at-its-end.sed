s/^} tenon_str;/  uint64_t hash;\n} tenon_str;/
