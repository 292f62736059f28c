"""Rule files: what changes by decree. Read only through `qingtian.law.rules`."""
