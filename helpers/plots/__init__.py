"""Drawings: data and `ax` in, `ax` out. One small module for each subject."""
