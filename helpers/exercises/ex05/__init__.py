"""The exercises of notebook 05, inside a tensor."""

from helpers.exercises.ex05.gradients import average, bug, valve
from helpers.exercises.ex05.layouts import can_view, channels, diagonal, windows

EXERCISES = diagonal, windows, can_view, channels, bug, valve, average
