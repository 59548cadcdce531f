"""Find: reference music from the library."""
