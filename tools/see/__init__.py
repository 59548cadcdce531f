"""Pictures and films become words and typed facts."""
