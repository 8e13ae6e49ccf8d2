"""The exercises of notebook 01, data loading."""

from helpers.exercises.ex01.datasets import dataset, thrift
from helpers.exercises.ex01.loaders import loader, validation
from helpers.exercises.ex01.transforms import crop, flip, rescale

EXERCISES = dataset, rescale, crop, flip, validation, loader, thrift
