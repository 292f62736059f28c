"""Detector of minutes that stand still 分钟恒值."""
