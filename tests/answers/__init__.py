"""Answers to the exercises as learners write them, each with the verdict it must get: one module for each of exercises.

@right(ex01.flip)                                 another right answer
@wrong(ex01.flip, "upside down")                  a wrong one, and words of the verdict's text
wrong(ex02.count, "the graph, not the net")(7)    a value
"""

from typing import NamedTuple

from helpers.exercises.core import CORRECT, NOT_YET, Exercise


class Answer(NamedTuple):
    exercise: Exercise
    answer: object
    state: str
    words: str


ANSWERS: list[Answer] = []


def _register(exercise: Exercise, state: str, words: str = ""):
    def register(answer):
        ANSWERS.append(Answer(exercise, answer, state, words))
        return answer

    return register


def right(exercise: Exercise):
    return _register(exercise, CORRECT)


def wrong(exercise: Exercise, words: str):
    return _register(exercise, NOT_YET, words)
