"""Run the command line as ``python -m imp_conformance``."""

from imp_conformance.cli import main

main(prog_name="imp-conformance")
