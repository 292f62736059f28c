"""Suspicion 疑点识别: detectors that look at a regular series of an outlet, off the hot path, the same live and in replay."""
