"""The exercises of notebook 04, training mode and evaluation mode."""

from helpers.exercises.ex04.modes import dropout, evaluate, freeze
from helpers.exercises.ex04.statistics import factor, loaders, repair

EXERCISES = evaluate, dropout, factor, loaders, repair, freeze
