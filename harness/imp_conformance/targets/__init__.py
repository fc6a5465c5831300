"""From --python and --candidate to something that is started and answers."""
