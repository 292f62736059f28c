"""Evidence packages 证据包: what a finding rests on, gathered, signed and proved by anybody, offline."""
