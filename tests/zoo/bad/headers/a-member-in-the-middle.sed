s/^  tenon_op plan;/  tenon_op explain;\n  tenon_op plan;/
