"""The exercises of notebook 03, saving and loading."""

from helpers.exercises.ex03.files import lock
from helpers.exercises.ex03.optimizers import groups, slower
from helpers.exercises.ex03.resuming import resume
from helpers.exercises.ex03.states import best, prefix

EXERCISES = best, lock, prefix, resume, groups, slower
