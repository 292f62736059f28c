"""Checks of a server: this side plays the device."""
