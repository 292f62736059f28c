"""The board of suspicions (疑点研判): what speaks for and against each, and what officers said to it."""
