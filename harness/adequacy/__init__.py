"""How much the cases notice: coverage of the genuine imp.py, its mutants, and faults planted by hand."""
