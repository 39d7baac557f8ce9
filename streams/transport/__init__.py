"""The batch path inside Faust: whole record batches to pure handlers, durable before committed. The home of aiokafka."""
