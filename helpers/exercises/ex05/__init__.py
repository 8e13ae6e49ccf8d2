"""The exercises of notebook 05, inside a tensor."""

from helpers.exercises.ex05.clinic import clinic
from helpers.exercises.ex05.gradients import bug, valve
from helpers.exercises.ex05.graphs import average
from helpers.exercises.ex05.layouts import diagonal, windows
from helpers.exercises.ex05.views import can_view, channels

EXERCISES = diagonal, windows, can_view, channels, bug, valve, average, clinic
