s/^typedef uint64_t tenon_process;/typedef uint32_t tenon_process;/
