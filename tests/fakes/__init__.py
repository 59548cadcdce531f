"""Fakes for what is paid, remote, or must fail on purpose."""
