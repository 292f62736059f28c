"""The stream half: values per second, append-only and replayable. Packets in, readings and findings out; no Django."""
