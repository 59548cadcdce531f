"""The commands of the command line; with ``main.py`` the only rooms that print or exit."""
