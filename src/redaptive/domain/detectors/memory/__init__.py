"""What the kernel keeps of each meter, and in which order it takes a batch: dense columns in shards of 1,024 meters."""
