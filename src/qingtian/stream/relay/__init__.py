"""The relay 转发: packets of the log passed on to other platforms by HJ 212 over TCP, each at its own pace."""
