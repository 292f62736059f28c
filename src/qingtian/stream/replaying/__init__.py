"""Replay 重放: history judged again from the lake by the code that judges live, and what that says otherwise."""
