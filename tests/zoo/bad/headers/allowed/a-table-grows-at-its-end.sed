s/^  tenon_op plan;/  tenon_op plan;\n  tenon_op explain;/
