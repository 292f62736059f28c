"""Detector of unnatural digits 数字规律异常."""
