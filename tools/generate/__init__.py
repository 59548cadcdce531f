"""Generate: audio from neural models."""
