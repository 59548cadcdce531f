"""Composing: tools that write notes."""
