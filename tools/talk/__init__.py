"""Talk: questions to the person."""
