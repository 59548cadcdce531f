"""Surfaces: thin faces over one agent and its event stream."""
