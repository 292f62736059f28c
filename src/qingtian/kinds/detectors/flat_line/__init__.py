"""Detector of constant values 恒值."""
