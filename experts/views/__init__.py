"""The doors of the pool, one file for each kind of visitor."""
