s/^  uint64_t cpu_us;/  uint64_t SWAP;/; s/^  uint64_t resident_bytes;/  uint64_t cpu_us;/; s/SWAP/resident_bytes/
