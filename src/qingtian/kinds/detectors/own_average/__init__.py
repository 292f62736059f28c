"""Detector of averages 均值不符 that do not follow from the device's own finer data."""
