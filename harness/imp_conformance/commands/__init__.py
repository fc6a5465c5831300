"""The commands, a module each, which the command line imports when its command is called."""
