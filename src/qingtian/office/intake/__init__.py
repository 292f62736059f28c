"""The dispatcher (收件): takes what the log says into the registers, and puts the plans on the log."""
