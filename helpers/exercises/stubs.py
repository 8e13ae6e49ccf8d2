"""Tell what of an answer is still to be written, from its source."""

import ast
import inspect
import textwrap
from types import FunctionType


def open_parts(answer) -> tuple[int, int]:
    """Return how many parts of a dict, list or tuple are still `...`, and how many there are; all else is one part."""
    parts = answer.values() if type(answer) is dict else answer if type(answer) in (list, tuple) else [answer]
    return sum(part is ... for part in parts), len(parts)


def open_functions(answer, solution) -> tuple[list[str], bool]:
    """Return which functions of the answer still are `...`, and whether the learner wrote any other.

    A function that stands in the solution as it does in the answer is one that the stub came with.
    """
    pairs = _pairs(answer, solution)
    is_open = [name for name, function, _ in pairs if _is_open(function)]
    return is_open, any(name not in is_open and _dump(mine) != _dump(solved) for name, mine, solved in pairs)


def without_return(answer, solution) -> list[str]:
    """Return which functions of the answer return nothing where those of the solution return something."""
    return [name for name, mine, solved in _pairs(answer, solution) if _returns(solved) and not _returns(mine)]


def functions_of(answer) -> dict[str, FunctionType]:
    """Return a class's own methods by name, or the function itself; empty for anything else."""
    # Not isinstance: it asks the answer for its __class__, and an answer may do anything then.
    functions = vars(answer).values() if issubclass(type(answer), type) else [answer]
    return {each.__name__: each for each in functions if type(each) is FunctionType}


def _pairs(answer, solution) -> list[tuple]:
    """Return (name, function of the answer, that of the solution or None); a function's own name may be any."""
    if type(answer) is type(solution) is FunctionType:
        return [(answer.__name__, answer, solution)]
    solved = functions_of(solution)
    return [(name, function, solved.get(name)) for name, function in functions_of(answer).items()]


def _definition(function) -> ast.FunctionDef | None:
    """Return the syntax tree of a function, or None where its source is not to be had."""
    try:
        node = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError, SyntaxError, IndexError):
        return None
    return node if isinstance(node, ast.FunctionDef) else None  # not a lambda


def _is_open(function) -> bool:
    definition = _definition(function)
    if definition is None:
        return False
    body = definition.body[ast.get_docstring(definition) is not None :]
    return all(isinstance(each, ast.Expr) and getattr(each.value, "value", None) is ... for each in body)


def _returns(function) -> bool:
    definition = _definition(function)
    if definition is None:
        return False
    values = [node.value for node in ast.walk(definition) if isinstance(node, (ast.Return, ast.Yield))]
    return any(value is not None for value in values)


def _dump(function) -> str:
    definition = _definition(function)
    return "" if definition is None else ast.dump(definition)
