"""Detector of exceedance 超标: values over a limit in force, as a run with trigger and recovery."""
