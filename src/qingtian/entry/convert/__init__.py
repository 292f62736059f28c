"""``qingtian convert``, in parts: where packets come from, rows, and the files they go to."""
