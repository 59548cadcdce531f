"""Sing: voices."""
