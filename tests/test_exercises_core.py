# Learners use NumPy's global generator, and stubs hold `...`.
import functools
import json
import random
import sys
import time

import numpy as np
import pytest
import torch

from helpers.exercises import progress
from helpers.exercises.core import CORRECT, NOT_STARTED, NOT_YET, exercise
from helpers.exercises.words import NotYet, error_of, expect, expect_same, reject, run, same, shown


def double(numbers):
    return 2 * numbers


def twice_checked(**settings):
    @exercise(solution=double, hints=("Think.", "Think again."), **settings)
    def twice(answer):
        """Every number is doubled."""
        numbers = np.random.default_rng(0).normal(size=5)
        got = run(answer, numbers)
        reject(same(got, numbers), "nothing is doubled.")
        expect(same(got, 2 * numbers), "some number is not doubled.")

    return twice


twice = twice_checked()
EXERCISES = (twice,)


@pytest.fixture(autouse=True)
def progress_file(tmp_path, monkeypatch):
    file = tmp_path / "progress.json"
    monkeypatch.setenv("COURSE_PROGRESS", str(file))
    return file


# ---- verdicts


def test_a_right_answer_is_correct():
    assert repr(twice.grade(double)) == "correct: Every number is doubled."


def test_a_wrong_answer_is_not_yet_and_its_mistake_is_named():
    assert repr(twice.grade(lambda numbers: numbers)) == "not yet: nothing is doubled."


def test_a_forgotten_return_is_not_yet():
    def forgetful(numbers):
        2 * numbers

    assert twice.grade(forgetful).state == NOT_YET


def stub(numbers):
    """Double the numbers."""
    ...


def stub_with_types(numbers: np.ndarray, *, factor: int = 2) -> np.ndarray: ...


@pytest.mark.parametrize(
    "answer",
    [..., (..., ...), [...], {"a": ..., "b": ...}, stub, stub_with_types],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_what_is_untouched_is_not_started(answer):
    assert twice.grade(answer).state == NOT_STARTED


class Doubler:
    """Doubles what it has taken."""

    def __init__(self):
        self.factor = 2

    def take(self, numbers):
        self.numbers = numbers

    def give(self):
        return self.factor * self.numbers


@exercise(solution=Doubler, hints=("Think.",))
def doubler(answer):
    """Every number is doubled."""
    object = answer()
    object.take(4)
    expect_same(object.give(), 8, "4 is not doubled.")


class Stub(Doubler):
    """Doubles what it has taken."""

    def __init__(self):
        self.factor = 2

    def take(self, numbers): ...

    def give(self): ...


class HalfDone(Stub):
    def __init__(self):
        self.factor = 2

    def take(self, numbers):
        self.numbers = 1 * numbers

    def give(self): ...


class Passes(Stub):
    def __init__(self):
        self.factor = 2

    def take(self, numbers):
        pass

    def give(self):
        return self.numbers


class NoReturn(Doubler):
    def give(self):
        self.factor * self.numbers


class NoneOnPurpose(Doubler):
    def give(self):
        return self.__dict__.get("number")


class NoSelf(Doubler):
    def take(numbers):
        pass


class AnotherNameForSelf(Doubler):
    def take(this):
        pass


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (Doubler, CORRECT, "Every number"),
        (Stub, NOT_STARTED, "`...` in `take`, `give`"),
        (HalfDone, NOT_YET, "`...` in `give`"),
        (Passes, NOT_YET, "AttributeError"),
        (NoReturn, NOT_YET, "your code gives None. `give` has no `return`."),
        (NoneOnPurpose, NOT_YET, "your code gives None."),
        (NoSelf, NOT_YET, "the first parameter of the method `take` must be `self`"),
        (AnotherNameForSelf, NOT_YET, "the first parameter of the method `take` must be `self`"),
        (Doubler(), NOT_YET, "wants the class itself: `.check(Doubler)`"),
        (8, NOT_YET, "the check was given 8, and wants the class itself"),
        (lambda: Doubler(), CORRECT, ""),
        (functools.partial(Doubler), CORRECT, ""),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_a_class_is_told_what_it_lacks(answer, state, words):
    verdict = doubler.grade(answer)
    assert verdict.state == state and words in verdict.text, verdict


def test_what_a_function_gave_is_no_answer():
    text = twice.grade(double(np.ones(2))).text
    assert text == "the check was given array([2., 2.]), and wants the function itself: `.check(double)`."


@pytest.mark.parametrize("answer", [[1, ..., 2], (1, 2, ...), {"a": 1, "b": ..., "c": 2}])
def test_what_is_half_done_says_how_much_is_left(answer):
    verdict = twice.grade(answer)
    assert verdict.state == NOT_YET and verdict.text.startswith("1 of 3 to go: ")


def test_no_answer_at_all_is_not_started(capsys):
    twice.check()
    assert capsys.readouterr().out.startswith("not started: ")


def test_an_empty_method_does_not_spoil_a_right_class():
    class Doubler:
        def close(self):
            pass

        def __new__(cls, numbers):
            return double(numbers)

    assert twice.grade(Doubler).state == CORRECT


@pytest.mark.parametrize(
    "value, state", [(6, CORRECT), (6.0, CORRECT), (7, NOT_YET), ("six", NOT_YET), (..., NOT_STARTED)]
)
def test_the_answer_may_be_a_number(value, state):
    @exercise(solution=6, hints=("Count.",))
    def count(answer):
        """There are six."""
        expect(same(answer, 6), "not that many.")

    assert count.grade(value).state == state
    assert count.solution_source() == "6"


# ---- answers that misbehave


class Nasty:
    """Whatever is asked of it fails."""

    def __getattribute__(self, name):
        raise RuntimeError("nasty")

    __call__ = __eq__ = __len__ = __bool__ = __array__ = __iter__ = __hash__ = __repr__ = __str__ = __getattribute__


class BadText(Exception):
    def __str__(self):
        raise SystemExit


def raises(error):
    def answer(numbers):
        raise error

    return answer


def recursive(numbers):
    return recursive(numbers)


ZOO = {
    "exception": raises(ValueError("no")),
    "exit": raises(SystemExit(1)),
    "interrupt": raises(KeyboardInterrupt()),
    "generator exit": raises(GeneratorExit()),
    "error without text": raises(BadText()),
    "recursion": recursive,
    "nasty object": Nasty(),
    "nasty result": lambda numbers: Nasty(),
    "nasty class": Nasty,
    "None": None,
    "module": np,
    "wrong signature": lambda: 1,
    "string": "double",
    "nothing": lambda numbers: [],
    "words": lambda numbers: ["a", {}, object()],
    "wrong shape": lambda numbers: numbers[:, None, None],
    "generator": lambda numbers: (2 * number for number in numbers),
    "builtin": print,
}


@pytest.mark.parametrize("name", ZOO)
def test_a_check_never_raises(name, capsys):
    twice.check(ZOO[name])
    shown = capsys.readouterr().out
    assert shown.startswith("not yet: ") and shown.count("not yet") == 1


def test_an_error_is_shown_with_its_line():
    def answer(numbers):
        return numbers @ numbers.reshape(5, 2)

    text = twice.grade(answer).text
    line = answer.__code__.co_firstlineno + 1
    assert "ValueError: cannot reshape array of size 5 into shape (5,2)" in text
    assert text.endswith(f"in line {line} of your code: `return numbers @ numbers.reshape(5, 2)`")


def test_an_exit_is_shown_like_an_error():
    assert "your code raises SystemExit: 1\n" in twice.grade(ZOO["exit"]).text


def test_an_error_in_a_library_is_shown_at_the_learners_line():
    text = twice.grade(lambda numbers: torch.nn.functional.relu(numbers)).text
    assert "TypeError" in text and "torch.nn.functional.relu(numbers)" in text.splitlines()[-1]


def test_an_answer_of_the_wrong_signature_is_told_what_python_says():
    assert "takes 0 positional arguments but 1 was given" in twice.grade(lambda: 1).text


def test_changing_the_input_is_named():
    def in_place(numbers):
        numbers *= 2
        return numbers

    assert "work on a copy" in twice.grade(in_place).text


def loops(numbers):
    while True:
        pass


def loops_and_catches(numbers):
    while True:
        try:
            loops(numbers)
        except Exception:
            pass


def sleeps(numbers):
    time.sleep(60)


@pytest.mark.parametrize("answer", [loops, loops_and_catches, sleeps])
def test_a_check_takes_bounded_time(answer):
    start = time.perf_counter()
    verdict = twice_checked(seconds=0.2).grade(answer)
    assert verdict.state == NOT_YET and "stopped after 0.2 seconds" in verdict.text
    assert time.perf_counter() - start < 20


def test_a_stopped_loop_no_longer_runs():
    turns = []

    def endless(numbers):
        while True:
            turns.append(1)
            time.sleep(0.001)

    twice_checked(seconds=0.1).grade(endless)
    before = len(turns)
    time.sleep(0.1)
    assert before == len(turns) > 0


# ---- the learner's own things


def test_random_states_stay_as_they_were():
    def greedy(numbers):
        random.random(), np.random.rand(), torch.rand(1)
        random.seed(1), np.random.seed(1), torch.manual_seed(1)
        return double(numbers)

    def draw():
        return random.random(), np.random.rand(), torch.rand(1).item()

    random.seed(5), np.random.seed(5), torch.manual_seed(5)
    expected = draw()
    random.seed(5), np.random.seed(5), torch.manual_seed(5)
    assert twice.grade(greedy).state == CORRECT
    assert twice.grade(raises(ValueError())).state == NOT_YET
    assert draw() == expected


def test_gradients_must_be_left_on():
    def switches_off(numbers):
        torch.set_grad_enabled(False)
        return double(numbers)

    @torch.no_grad()
    def within(numbers):
        return double(numbers)

    assert "leaves gradients switched off" in twice.grade(switches_off).text
    assert twice.grade(within).state == CORRECT and torch.is_grad_enabled()


def test_random_answers_are_graded_alike_each_time():
    draws = []

    def noisy(numbers):
        draws.append((random.random(), np.random.rand(), torch.rand(1).item()))

    twice.grade(noisy)
    random.random(), np.random.rand(), torch.rand(1)
    twice.grade(noisy)
    assert draws[0] == draws[1]


def test_what_an_answer_prints_is_not_shown(capsys):
    def chatty(numbers):
        print("hello"), print("oh", file=sys.stderr)
        return double(numbers)

    twice.check(chatty)
    shown = capsys.readouterr()
    assert shown.out == "correct: Every number is doubled.\n" and shown.err == ""


def test_figures_of_an_answer_are_closed_and_the_learners_stay():
    import matplotlib.pyplot as plt

    mine = plt.figure()

    def plots(numbers):
        plt.figure(), plt.plot(numbers)
        return double(numbers)

    try:
        assert twice.grade(plots).state == CORRECT
        assert plt.get_fignums() == [mine.number]
    finally:
        plt.close(mine)


# ---- what the learner sees


def test_hints_come_one_more_at_each_call(capsys):
    question = twice_checked()
    shown = []
    for _ in range(3):
        question.hint()
        shown.append(capsys.readouterr().out.splitlines())
    first, second = "hint: (1 of 2) Think.", "hint: (2 of 2) Think again."
    assert shown == [[first], [first, second], [first, second]]


def test_the_solution_is_shown_as_code(capsys):
    twice.solution()
    assert capsys.readouterr().out == "def double(numbers):\n    return 2 * numbers\n"


def test_the_line_in_a_notebook_is_escaped():
    shown = twice.grade(raises(ValueError("<b>`x`</b>")))._repr_html_()
    assert "<b>not yet</b>" in shown and "&lt;b&gt;<code>x</code>&lt;/b&gt;" in shown


# ---- the words of a check


@pytest.mark.parametrize(
    "got, want",
    [
        (torch.ones(2, requires_grad=True), np.ones(2)),
        ([1, 2], np.array([1, 2])),
        ({"a": [torch.zeros(2)]}, {"a": [np.zeros(2)]}),
        (float("nan"), float("nan")),
        ("yes", "yes"),
        (None, None),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_same(got, want):
    assert same(got, want)


@pytest.mark.parametrize(
    "got, want",
    [
        (np.ones((2, 1)), np.ones(2)),
        (1.001, 1),
        (None, 1),
        ("x", 1),
        ({"a": 1}, {"a": 1, "b": 2}),
        ([1], [1, 2]),
        (1, None),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_not_the_same(got, want):
    assert not same(got, want)


def test_nothing_is_the_same_as_what_cannot_be_compared():
    assert not same(Nasty(), 1) and not same(Nasty(), "x") and not same(Nasty(), {"x": 1})


def test_error_of():
    assert isinstance(error_of(int, "x"), ValueError) and error_of(int, "1") is None


def test_error_of_leaves_the_verdict_to_the_check():
    with pytest.raises(NotYet, match="no"):
        error_of(expect, False, "no")


@pytest.mark.parametrize(
    "got, kind",
    [
        (torch.zeros(2, 3), "a tensor of shape (2, 3)"),
        ([1], "a list of 1"),
        (7, "a number"),
        ("x", "a text"),
        (double, "a function"),
        (int, "the class int"),
        (object(), "an object of type object"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_another_kind_of_result_is_named(got, kind):
    with pytest.raises(NotYet) as raised:
        expect_same(got, np.ones(3), "wrong.")
    assert str(raised.value) == f"wrong. It is {kind}, not an array of shape (3,)."


def test_a_wrong_result_of_the_right_kind_has_the_message_alone():
    with pytest.raises(NotYet, match="^wrong.$"):
        expect_same(np.zeros(3), np.ones(3), "wrong.")


@pytest.mark.parametrize(
    "value, text",
    [(0.25, "0.25"), ("x", "'x'"), (torch.ones(2), "tensor([1., 1.])"), (torch.ones(90), "a tensor of shape (90,)")],
    ids=lambda value: type(value).__name__,
)
def test_values_are_shown(value, text):
    assert shown(value) == text


def test_what_cannot_be_shown_is_named_by_its_type():
    assert shown(Nasty()) == "an object of type Nasty"


def test_what_a_check_needs_is_imported_before_its_clock_starts(tmp_path, monkeypatch):
    (tmp_path / "slow_to_import.py").write_text("import time\ntime.sleep(0.6)\n")
    monkeypatch.syspath_prepend(tmp_path)

    @exercise(solution=6, hints=("Count.",), seconds=0.3, needs=("slow_to_import",))
    def patient(answer):
        """There are six."""
        import slow_to_import  # noqa: F401

    assert patient.grade(6).state == CORRECT


# ---- progress


def test_what_is_correct_is_kept_and_stays(progress_file):
    twice.check(raises(ValueError()))
    assert not progress_file.exists()
    twice.check(double)
    twice.check(raises(ValueError()))
    assert json.loads(progress_file.read_text()) == {"solved": ["test_exercises_core.twice"]}
    assert [path.name for path in progress_file.parent.iterdir()] == [progress_file.name]


def test_grading_keeps_nothing(progress_file):
    twice.grade(double)
    assert not progress_file.exists()


def test_what_was_solved_before_stays(progress_file):
    progress_file.write_text('{"solved": ["ex09.old"]}')
    twice.check(double)
    assert json.loads(progress_file.read_text())["solved"] == ["ex09.old", "test_exercises_core.twice"]


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"solved": 3}', "\x00", '{"done": []}'])
def test_a_damaged_file_is_set_aside_with_a_sentence(damage, progress_file, capsys):
    progress_file.write_text(damage)
    twice.check(double)
    verdict, sentence = capsys.readouterr().out.splitlines()
    assert verdict.startswith("correct: ") and "was damaged and is started anew" in sentence
    assert json.loads(progress_file.read_text())["solved"] == ["test_exercises_core.twice"]
    assert progress_file.with_name("progress.json.damaged").read_text() == damage


def test_a_file_that_cannot_be_written_does_not_break_a_check(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "file" / "progress.json"))
    twice.check(double)
    verdict, sentence = capsys.readouterr().out.splitlines()
    assert verdict.startswith("correct: ") and "cannot be written" in sentence


def test_progress_shows_what_is_solved():
    module = sys.modules[__name__]
    assert repr(progress(module)).splitlines() == [
        "test_exercises_core: 0 of 1 exercises solved",
        "  [ ] test_exercises_core.twice",
    ]
    twice.check(double)
    assert "1 of 1" in repr(progress(module)) and "[x] test_exercises_core.twice" in repr(progress(module))
    assert '<progress value="1" max="1">' in progress(module)._repr_html_()
