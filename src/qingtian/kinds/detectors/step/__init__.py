"""Detector of steps 阶跃, above all after maintenance or calibration."""
