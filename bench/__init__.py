"""Benchmarks: each compares with the raw limit or a peer in the same run."""
