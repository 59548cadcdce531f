"""Hearing: what music is, from notes and from sound."""
