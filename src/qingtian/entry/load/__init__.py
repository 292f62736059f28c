"""What the benches load the gateway with: packets made fast, a driver of many connections, the bare sink."""
