"""The portraits of data/faces, which are drawn, each from a number of its own."""
