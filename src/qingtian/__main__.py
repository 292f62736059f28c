"""``python -m qingtian``."""

from qingtian.entry.cli import main

raise SystemExit(main())
