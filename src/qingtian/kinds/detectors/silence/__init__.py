"""Detector of silence 离线, missing factors 缺失 and late records 迟报."""
