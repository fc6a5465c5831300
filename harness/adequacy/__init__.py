"""How much the cases notice: measured on the genuine imp.py, on mutants of it, and on faults planted by hand."""
