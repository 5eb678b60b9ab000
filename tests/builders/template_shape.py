"""The shape of the data that a template takes, read from the template: texts, lists, words that it compares with.

Each value is filled with its own name, so that no two are alike and a new variable needs no line in any test.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from jinja2 import nodes

from notifications.letters.sandbox import PlainSandbox

Scope = dict[str, list["Value"]]
"""What names of loops stand for."""
Choice = dict[str, Any]
"""What each value is, by path: a text, a word, whether it is there, of a list how many members or which."""


@dataclass(eq=False)
class Value:
    """One value that a template reads, with how it is read."""

    path: str
    fields: dict[str, Value] = field(default_factory=dict)
    item: Value | None = None
    """What it holds, of a list."""
    is_counted: bool = False
    """Of a list: whether the template asks for the first or the last."""
    is_placed: bool = False
    is_tested: bool = False
    words: list[str] = field(default_factory=list)
    """What it is compared with."""
    members: list[str] = field(default_factory=list)
    """Of a list of words: those that are looked for."""

    def of(self, name: str) -> Value:
        """Give the field of this name."""
        return self.fields.setdefault(name, Value(f"{self.path}.{name}" if self.path else name))

    def element(self) -> Value:
        """Give what the list holds."""
        self.item = self.item or Value(f"{self.path}[]")
        return self.item

    @property
    def choices(self) -> list[Any]:
        """What it may be: all there is first, nothing last."""
        if self.words:
            return [*self.words, f"«{self.path}»"]
        if self.members:
            return [self.members, *([each] for each in self.members if len(self.members) > 1), []]
        if self.item is not None:
            # Of three one is neither the first nor the last.
            return [3, 1, 0] if self.is_counted else [2, 0]
        if self.is_tested:
            return [f"«{self.path}»", ""] if self.is_placed and not self.fields else [True, False]
        return [f"«{self.path}»"]

    def inner(self) -> Iterator[Value]:
        """Give this value and all in it."""
        yield self
        for part in (*self.fields.values(), *([self.item] if self.item else [])):
            yield from part.inner()

    def filled(self, chosen: Choice, number: str = "") -> Any:
        """Give plain data: the members of a list are numbered, so that one is not taken for another."""
        if self.item is not None and not self.members:
            count = chosen[self.path]
            return [self.item.filled(chosen, f"{number} {n + 1}") for n in range(count)]
        if self.fields:
            return {name: part.filled(chosen, number) for name, part in self.fields.items() if chosen[self.path]}
        value = chosen[self.path]
        return value.replace("»", f"{number}»") if isinstance(value, str) else value


class ShapeReader:
    """Reads the shape of the data from a template and what it includes."""

    def __init__(self, environment: PlainSandbox) -> None:
        self.environment = environment
        self.data = Value("")

    def template(self, name: str, scope: Scope) -> None:
        assert self.environment.loader is not None
        source = self.environment.loader.get_source(self.environment, name)[0]
        self.walk(self.environment.parse(source, name), scope)

    def walk(self, node: nodes.Node, scope: Scope) -> None:
        match node:
            case nodes.For():
                self.loop(node, scope)
            case nodes.If():
                self.test(node.test, scope)
                self.walk_all((*node.body, *node.elif_, *node.else_), scope)
            case nodes.Output(nodes=parts):
                for part in parts:
                    self.place(part, scope)
            case nodes.Include(template=nodes.Const(value=name)):
                self.template(name, scope)
            case nodes.Template(body=body):
                self.walk_all(body, scope)
            case _:
                message = f"say what {node} reads"
                raise TypeError(message)

    def walk_all(self, parts: Iterable[nodes.Node], scope: Scope) -> None:
        for part in parts:
            self.walk(part, scope)

    def loop(self, node: nodes.For, scope: Scope) -> None:
        assert isinstance(node.target, nodes.Name)
        inner = {**scope, node.target.name: self.looped(node.iter, scope), "loop": []}
        is_counted = any(found.name == "loop" for part in node.body for found in part.find_all(nodes.Name))
        for value in self.lists(node.iter, scope):
            value.is_counted |= is_counted
        self.walk_all((*node.body, *node.else_), inner)

    def find(self, node: nodes.Node, scope: Scope) -> list[Value]:
        match node:
            case nodes.Name(name=name):
                return scope[name] if name in scope else [self.data.of(name)]
            case nodes.Getattr(node=owner, attr=str(name)) | nodes.Getitem(node=owner, arg=nodes.Const(value=name)):
                return [value.of(name) for value in self.find(owner, scope)]
            case nodes.Getitem(node=owner, arg=nodes.Name(name=name)):
                return [value.of(key.path) for value in self.find(owner, scope) for key in scope[name]]
            case nodes.Const():
                return []
        message = f"say what {node} reads"
        raise TypeError(message)

    def lists(self, node: nodes.Node, scope: Scope) -> list[Value]:
        match node:
            case nodes.CondExpr(test=test, expr1=one, expr2=other):
                assert other is not None
                self.test(test, scope)
                return [*self.lists(one, scope), *self.lists(other, scope)]
            case nodes.List():
                return []
        return self.find(node, scope)

    def looped(self, node: nodes.Node, scope: Scope) -> list[Value]:
        """What the name of a loop stands for."""
        if isinstance(node, nodes.List):
            # A list that stands in the template: of words, each a key, or of values.
            return [
                value
                for part in node.items
                for value in ([Value(part.value)] if isinstance(part, nodes.Const) else self.find(part, scope))
            ]
        return [value.element() for value in self.lists(node, scope)]

    def place(self, node: nodes.Node, scope: Scope) -> None:
        match node:
            case nodes.TemplateData():
                pass
            case nodes.CondExpr(test=test, expr1=one, expr2=other):
                assert other is not None
                self.test(test, scope)
                self.place(one, scope)
                self.place(other, scope)
            case _:
                for value in self.find(node, scope):
                    value.is_placed = True

    def test(self, node: nodes.Node, scope: Scope) -> None:
        match node:
            case nodes.And(left=left, right=right) | nodes.Or(left=left, right=right):
                self.test(left, scope)
                self.test(right, scope)
            case nodes.Not(node=inner):
                self.test(inner, scope)
            case nodes.Compare(ops=[operand]):
                self.compare(node.expr, operand, scope)
            case _:
                for value in self.find(node, scope):
                    value.is_tested = True

    def compare(self, left: nodes.Expr, operand: nodes.Operand, scope: Scope) -> None:
        right = operand.expr
        if operand.op == "in" and not isinstance(right, nodes.List):
            # A word in a list of the data; the name of a loop over words stands for each of them.
            sought = [left.value] if isinstance(left, nodes.Const) else [key.path for key in self.find(left, scope)]
            for value in self.find(right, scope):
                value.element()
                value.members += [word for word in sought if word not in value.members]
            return
        if isinstance(right, nodes.Const | nodes.List):
            found = right.as_const()
            compared = found if isinstance(found, list) else [found]
        else:
            compared = [f"«{value.path}»" for value in self.find(right, scope)]
        for value in self.find(left, scope):
            value.words += [word for word in compared if word not in value.words]
