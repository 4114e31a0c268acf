"""Thousands of damaged files of every layout: each must end in its right numbers, refused, or suspect."""
