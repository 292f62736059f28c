"""Conformance 符合性检查: this side plays a device, or the server, and reports what the other one keeps to."""
