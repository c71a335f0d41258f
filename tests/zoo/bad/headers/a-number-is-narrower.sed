s/^  uint64_t len; /  uint32_t len; /
