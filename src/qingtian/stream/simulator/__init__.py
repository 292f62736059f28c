"""The other end of the wire: devices (现场机) that speak HJ 212-2017 over TCP, each in a scenario."""
