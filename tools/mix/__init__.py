"""Mix: the desk for finished audio."""
