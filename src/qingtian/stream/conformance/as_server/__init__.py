"""Checks of a device: this side plays the platform it dials in to."""
