"""Sockets and sessions of the devices: frames to the log, and a 9014 only for what the log has confirmed."""
