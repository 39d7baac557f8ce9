"""Where a partition's memory lies when it is larger than the machine's. The home of rocksdict."""
