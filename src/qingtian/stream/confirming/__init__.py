"""Confirmation 确认: what is said of closed periods: a function of the set of readings, plan and marks."""
