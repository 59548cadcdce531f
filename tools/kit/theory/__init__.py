"""Music theory as small values: pitch classes, keys, chords, meters, General MIDI instruments."""
