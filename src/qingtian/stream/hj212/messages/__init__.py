"""Typed messages 报文: every command of HJ 212 of 2005, 2017 and 2025, in both directions; bytes in, bytes out."""
