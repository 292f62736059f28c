"""Commands to devices 反控: the life of each request, a queue per device, the log at both ends. Sockets are outside."""
