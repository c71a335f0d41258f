s/^  int32_t out_of_memory;/  uint64_t ended_at_us;\n  int32_t out_of_memory;/
