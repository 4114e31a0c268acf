"""Bullion: a physical-versus-paper metals monitor."""
