"""Windows 时段: readings → valid five-minute, hour, day and month values, and what exceeds a limit. Face: `api`."""
