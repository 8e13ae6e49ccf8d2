"""An error that is shown: its type is demanded, its words are seen."""

import pytest

from helpers import errors
from helpers.errors import raises


@pytest.fixture
def shown(monkeypatch):
    """Return a function that raises an error where some types are demanded, and returns what is displayed."""
    displayed = []
    monkeypatch.setattr(errors, "display", lambda data, raw: displayed.append(data))

    def show(error, *types):
        with raises(*types):
            raise error
        return displayed.pop()

    return show


def test_type_and_message_are_shown(shown):
    data = shown(ValueError("no <b> here"), ValueError)
    assert data["text/plain"] == "raised ValueError: no <b> here"
    assert "<b>ValueError</b>: no &lt;b&gt; here</pre>" in data["text/html"]


def test_colour_codes_are_left_out(shown):
    assert shown(ValueError("\x1b[1mbold\x1b[0m"), ValueError)["text/plain"] == "raised ValueError: bold"


def test_the_file_of_a_cell_is_this_notebook(shown):
    error = ValueError('in File "/tmp/ipykernel_17/285.py", line 16, in forward')
    assert shown(error, ValueError)["text/plain"] == "raised ValueError: in File this notebook, line 16, in forward"


def test_one_of_several_types_will_do(shown):
    assert shown(KeyError("x"), ValueError, KeyError)["text/plain"] == "raised KeyError: 'x'"


def test_another_type_passes_on():
    with pytest.raises(KeyError), raises(ValueError):
        raise KeyError("x")


def test_no_error_fails():
    with pytest.raises(AssertionError, match="expected to raise ValueError or KeyError, and raised nothing"):
        with raises(ValueError, KeyError):
            pass
