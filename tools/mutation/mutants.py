"""Make wrong code out of right code, one small change at a time, in its syntax tree.

Of the libraries that mutate Python, mutmut and cosmic-ray rewrite whole modules and start a test run for each change;
neither exchanges arguments nor drops a keyword or a statement, and an exercise's answer is one definition.
"""

import ast
import difflib
from collections.abc import Iterator
from functools import singledispatch
from typing import NamedTuple

OTHERS = {  # an operator → those that stand in its place
    **{ast.Add: [ast.Sub], ast.Sub: [ast.Add], ast.Mult: [ast.Div], ast.Div: [ast.Mult], ast.FloorDiv: [ast.Div]},
    **{ast.Mod: [ast.FloorDiv], ast.Pow: [ast.Mult], ast.MatMult: [ast.Mult], ast.BitAnd: [ast.BitOr]},
    **{ast.BitOr: [ast.BitAnd], ast.And: [ast.Or], ast.Or: [ast.And], ast.Eq: [ast.NotEq], ast.NotEq: [ast.Eq]},
    **{ast.Lt: [ast.LtE, ast.Gt], ast.LtE: [ast.Lt, ast.Gt], ast.Gt: [ast.GtE, ast.Lt], ast.GtE: [ast.Gt, ast.Lt]},
    **{ast.Is: [ast.IsNot], ast.IsNot: [ast.Is], ast.In: [ast.NotIn], ast.NotIn: [ast.In]},
}

SYMMETRIC = "equal", "max", "min"  # calls of these give the same with their arguments exchanged


class Mutant(NamedTuple):
    """Changed source, and the change in one line: `where | old lines → new lines`."""

    source: str
    change: str


def mutants(source: str, looks: frozenset[str] = frozenset()) -> list[Mutant]:
    """Return every mutant of the source, each once; what is named in `looks` (keywords, values, calls) stays."""
    tree = ast.parse(source)
    before = ast.unparse(tree)
    found = {before: None}
    for scope, parent, field, index, child in _places(tree, looks):
        for variant in _variants(child):
            with_variant = _unparse_with(tree, parent, field, index, variant)
            if with_variant not in found:
                found[with_variant] = Mutant(with_variant, f"{scope} | {_difference(before, with_variant)}")
    return [mutant for mutant in found.values() if mutant]


def _places(node: ast.AST, looks: frozenset[str], scope: str = "") -> Iterator[tuple]:
    """Yield (scope, parent, field, index or None, child) for all that may change: no docstring, message, annotation."""
    for field, value in ast.iter_fields(node):
        if field in ("decorator_list", "annotation", "returns", "exc"):
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or _stays(child, looks):
                continue
            inner = f"{scope}.{child.name}".lstrip(".") if isinstance(child, (ast.FunctionDef, ast.ClassDef)) else scope
            yield inner, node, field, index, child
            yield from _places(child, looks, inner)


def _stays(node: ast.AST, looks: frozenset[str]) -> bool:
    if isinstance(node, ast.keyword):
        is_look = node.arg in looks or getattr(node.value, "id", None) in looks
        return is_look or (node.arg == "strict" and getattr(node.value, "value", None) is True)  # a safeguard
    if isinstance(node, ast.Expr):  # a docstring, a call that only sets looks
        return isinstance(getattr(node.value, "value", None), str) or _called(node.value) in looks
    return isinstance(node, ast.JoinedStr)


def _called(node: ast.AST) -> str:
    """Return the last name of what a call calls: "grid" of ax.grid(True)."""
    function = getattr(node, "func", None)
    return getattr(function, "attr", getattr(function, "id", ""))


def _unparse_with(tree, parent, field, index, variant) -> str:
    """Return the source of the tree with a variant (a node, or a list of nodes) in one place."""
    whole = getattr(parent, field)
    try:
        if index is None:
            setattr(parent, field, variant)
        else:
            new = variant if isinstance(variant, list) else [variant]
            setattr(parent, field, whole[:index] + new + whole[index + 1 :])
        return ast.unparse(ast.fix_missing_locations(tree))
    finally:
        setattr(parent, field, whole)


def _difference(before: str, after: str) -> str:
    lines = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    sides = [[line[2:].strip() for line in lines if line.startswith(sign)] for sign in "-+"]
    return " → ".join(" ⏎ ".join(side) for side in sides)


# ---- what may stand in the place of a node


@singledispatch
def _variants(node: ast.AST) -> list:
    return []


@_variants.register
def _(node: ast.stmt) -> list:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Pass)):
        return []
    deleted = [ast.Pass()]
    if isinstance(node, ast.If):
        return [*deleted, node.body, *([node.orelse] if node.orelse else [])]
    if isinstance(node, (ast.With, ast.Try)):
        return [*deleted, node.body]
    if isinstance(node, ast.AugAssign):
        return [*deleted, *_with_other_op(node), ast.Assign([node.target], node.value)]
    if isinstance(node, (ast.Break, ast.Continue)):
        return [*deleted, ast.Continue() if isinstance(node, ast.Break) else ast.Break()]
    return deleted


@_variants.register
def _(node: ast.Constant) -> list:
    if isinstance(node.value, bool):
        return [ast.Constant(not node.value)]
    if isinstance(node.value, (int, float)):
        return [ast.Constant(node.value + 1), ast.Constant(node.value - 1)]
    return []


def _with_other_op(node) -> list:
    return [_copy(node, op=other()) for other in OTHERS.get(type(node.op), ())]


@_variants.register
def _(node: ast.BinOp) -> list:
    return [*_with_other_op(node), node.left, node.right]


@_variants.register
def _(node: ast.BoolOp) -> list:
    fewer = [_without(node.values, i) for i in range(len(node.values))]
    return _with_other_op(node) + [_copy(node, values=v) if len(v) > 1 else v[0] for v in fewer]


@_variants.register
def _(node: ast.Compare) -> list:
    return [
        _copy(node, ops=[*node.ops[:i], other(), *node.ops[i + 1 :]])
        for i, op in enumerate(node.ops)
        for other in OTHERS[type(op)]
    ]


@_variants.register
def _(node: ast.UnaryOp) -> list:
    return [node.operand]


@_variants.register
def _(node: ast.IfExp) -> list:
    return [node.body, node.orelse]


@_variants.register
def _(node: ast.Call) -> list:
    swapped = [_copy(node, args=args) for args in _swapped(node.args) if _called(node) not in SYMMETRIC]
    inside = [node.args[0]] if len(node.args) == 1 and not isinstance(node.args[0], ast.Starred) else []
    receiver = [node.func.value] if isinstance(node.func, ast.Attribute) else []
    return swapped + inside + receiver


@_variants.register
def _(node: ast.keyword) -> list:
    return [[]]  # without it


@_variants.register(ast.Tuple)
@_variants.register(ast.List)
def _(node) -> list:
    return [_copy(node, elts=elements) for elements in _swapped(node.elts)] if isinstance(node.ctx, ast.Load) else []


@_variants.register
def _(node: ast.Slice) -> list:
    return [_copy(node, **{end: None}) for end in ("lower", "upper", "step") if getattr(node, end)]


@_variants.register
def _(node: ast.comprehension) -> list:
    return [_copy(node, ifs=_without(node.ifs, i)) for i in range(len(node.ifs))]


def _copy(node, **changes):
    return type(node)(**{**dict(ast.iter_fields(node)), **changes})


def _without(things: list, i: int) -> list:
    return things[:i] + things[i + 1 :]


def _swapped(things: list) -> list[list]:
    """Return the list with each pair of neighbours exchanged."""
    return [[*things[:i], things[i + 1], things[i], *things[i + 2 :]] for i in range(len(things) - 1)]
