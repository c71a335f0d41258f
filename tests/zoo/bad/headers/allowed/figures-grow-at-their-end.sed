s/^} tenon_stats;/  uint64_t gpu_us;\n  uint64_t gpu_bytes;\n} tenon_stats;/
