"""Episodes of findings (预警): one alert per run, routed by rules, answered by the enterprise."""
