"""What results become for readers: a terminal, a page, a file for another program."""
