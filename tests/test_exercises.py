"""Every exercise of every module, against the answers in tests/answers/: nothing to add here for a new module."""

import importlib
import inspect
import pkgutil
import sys

import answers
import pytest
from answers import ANSWERS
from notebook_code import NOTEBOOKS, load_stubs

from helpers.exercises.core import CORRECT, NOT_STARTED, NOT_YET, Exercise
from helpers.exercises.record import all_modules

MODULES = all_modules()
for each in pkgutil.iter_modules(answers.__path__):
    importlib.import_module(f"answers.{each.name}")
EXERCISES = [exercise for module in MODULES for exercise in module.EXERCISES]
STUBS = {exercise: stub for notebook in NOTEBOOKS for exercise, stub in load_stubs(notebook).items()}

each_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)


def _label(case) -> str:
    return f"{case.exercise.name}-{case.state}-{getattr(case.answer, '__name__', case.answer)}"


@pytest.mark.parametrize("case", ANSWERS, ids=_label)
def test_each_answer_gets_its_verdict(case):
    verdict = case.exercise.grade(case.answer)
    assert verdict.state == case.state, verdict
    assert case.words in verdict.text


@each_exercise
def test_the_solution_is_correct(exercise):
    verdict = exercise.grade(exercise.answer)
    assert verdict.state == CORRECT, verdict


def test_an_answer_that_changes_classes_leaves_them_to_the_next_as_they_were():
    freeze = next(exercise for exercise in EXERCISES if exercise.name == "ex04.freeze")
    changes = next(
        case.answer for case in ANSWERS if getattr(case.answer, "__name__", "") == "changes_every_kind_there_is"
    )
    assert freeze.grade(changes).state == NOT_YET
    assert freeze.grade(freeze.answer).state == CORRECT


@each_exercise
def test_the_solution_pasted_into_a_notebook_is_correct(exercise, monkeypatch):
    source = exercise.solution_source()
    if not hasattr(exercise.answer, "__name__"):
        assert eval(source) == exercise.answer
        return
    # A cell's definitions live in __main__, beside what the notebook imports.
    main = sys.modules["__main__"]
    for name, value in vars(inspect.getmodule(exercise.answer)).items():
        if not name.startswith("_") and name != exercise.answer.__name__:
            monkeypatch.setattr(main, name, value, raising=False)
    monkeypatch.setattr(main, exercise.answer.__name__, None, raising=False)
    exec(source, vars(main))
    verdict = exercise.grade(getattr(main, exercise.answer.__name__))
    assert verdict.state == CORRECT, verdict


@each_exercise
def test_the_stub_in_the_notebook_is_not_started(exercise):
    verdict = exercise.grade(STUBS[exercise])
    assert verdict.state == NOT_STARTED, verdict


@each_exercise
def test_the_exercise_has_answers_of_each_kind_and_hints(exercise):
    states = [case.state for case in ANSWERS if case.exercise is exercise]
    assert states.count(NOT_YET) >= 2
    assert states.count(CORRECT) or not callable(exercise.answer)
    assert 2 <= len(exercise.hints) <= 3
    assert exercise.statement.endswith(".") and "\n" not in exercise.statement


@each_exercise
def test_the_stub_has_the_name_and_the_arguments_of_the_solution(exercise):
    if callable(exercise.answer):
        assert STUBS[exercise].__name__ == exercise.answer.__name__
        assert inspect.signature(STUBS[exercise]) == inspect.signature(exercise.answer)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_a_module_lists_all_its_exercises(module):
    assert {each for each in vars(module).values() if isinstance(each, Exercise)} == set(module.EXERCISES)
    assert all(getattr(module, each.name.partition(".")[2]) is each for each in module.EXERCISES)


def test_every_exercise_stands_in_its_notebook():
    assert set(STUBS) == set(EXERCISES)


def test_names_differ():
    names = [exercise.name for exercise in EXERCISES]
    assert len(set(names)) == len(names) > 0
