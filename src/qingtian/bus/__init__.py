"""The durable log (NATS JetStream): its streams, the batches on it, the connection, the embedded server."""
