"""Symbolic editors: each changes what was asked of a score, and nothing else."""
