"""Relay targets 转发目标: which platforms get which devices' packets, how far they are, what they refused."""
