s/^  uint64_t written_bytes;/  uint32_t written_bytes;\n  uint64_t later;/
