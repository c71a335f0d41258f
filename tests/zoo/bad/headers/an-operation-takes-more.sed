s/^typedef int32_t (\*tenon_op)(void\* self,/typedef int32_t (*tenon_op)(void* self, uint64_t deadline,/
