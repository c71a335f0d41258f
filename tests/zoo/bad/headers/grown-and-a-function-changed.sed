s/^  tenon_op plan;/  tenon_op plan;\n  tenon_op explain;/; s/^typedef int32_t (\*tenon_op)(void\* self, /&uint64_t more, /
