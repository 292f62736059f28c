"""The office half: acts per day, by people with names and rights (Django apps, a stack of stages)."""
