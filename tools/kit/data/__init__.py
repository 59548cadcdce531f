"""Data files that the kit reads."""
