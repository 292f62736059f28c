"""The worker's jobs (后台作业): rows of Procrastinate, each idempotent."""
