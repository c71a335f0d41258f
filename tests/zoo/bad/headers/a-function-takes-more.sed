s/(\*log)(void\* ctx, int32_t level,/(*log)(void* ctx, int32_t level, int32_t flags,/
