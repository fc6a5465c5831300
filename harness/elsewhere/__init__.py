"""The same CPython elsewhere: on other architectures under qemu, and on Windows under wine. Fetches what it needs, and measures."""
