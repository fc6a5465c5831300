"""From YAML to checked values: clauses, cases, and what each release is expected to do."""
