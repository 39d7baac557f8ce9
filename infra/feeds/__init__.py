"""Events on their way into Kafka: what a feed is, how it is published, how far the consumers are behind."""
