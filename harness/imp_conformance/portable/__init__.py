"""Values and comparisons that the host, the agent and repro scripts share: 3.4 syntax, standard library only."""
