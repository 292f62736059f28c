"""Suspicion 疑点识别: detectors of regular series, off the hot path, the same live and in replay."""
