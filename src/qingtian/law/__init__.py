"""Rules that change by decree, as dated data with a source."""
