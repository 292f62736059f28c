"""Requests of the platform to a device 反控命令: which there are, what they need, how long they may take; frames."""
