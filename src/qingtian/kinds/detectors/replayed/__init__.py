"""Detector of copied stretches 数据重放."""
