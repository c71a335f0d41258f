/^  uint64_t peak_bytes;/d
