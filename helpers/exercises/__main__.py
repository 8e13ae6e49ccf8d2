"""Print the progress of every notebook: python -m helpers.exercises."""

from helpers.exercises import progress

print(progress())
