"""Template tags: the parts."""
