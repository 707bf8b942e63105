"""What people and other rooms do with the pool."""
