"""The history of packets and readings: Delta tables in a folder or object store, each row there exactly once."""
