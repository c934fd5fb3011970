"""Providers' APIs, one file each: they know HTTP to the provider and nothing of our store."""
