"""Renders a template in as many variants as it takes for each part of each condition to have counted both ways."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from jinja2 import BaseLoader, FunctionLoader, nodes

from notifications.letters.sandbox import PlainSandbox
from tests.builders.letters import TEMPLATES
from tests.builders.template_shape import Choice, ShapeReader

Reached = tuple[str, int, bool]
"""A condition, one of its parts, and an answer of it: where another answer would have led elsewhere."""
PARTS = ("line.html.j2",)
"""Read where they are included. What else is included is only named there: the state of a case is read by itself."""
BASES = {"all": 0, "nothing": -1}
"""The variants that the others are told apart from, and which of its choices each value has there."""
_MARK = re.compile("\x01([^\x01\x02]*)\x02([^\x01\x02]*)\x03")


class _Marking(PlainSandbox):
    """Writes beside each condition what its parts were."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.conditions: dict[str, nodes.Expr] = {}
        self.wanted: set[Reached] = set()

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        self._mark(template, name or "")
        return template

    def _mark(self, node: nodes.Node, name: str) -> None:
        for attribute in ("body", "elif_", "else_"):
            if isinstance(parts := getattr(node, attribute, None), list):
                setattr(node, attribute, [marked for part in parts for marked in self._marked(part, name)])

    def _marked(self, node: nodes.Node, name: str) -> list[nodes.Node]:
        before: list[nodes.Node] = []
        match node:
            case nodes.If(elif_=[following, *others]):
                # What comes after `elif` is asked only where the test before it failed: the same as an `if` in `else`.
                following.elif_, following.else_ = others, node.else_
                node.elif_, node.else_ = [], [following]
        match node:
            case nodes.If(test=test):
                before.append(self._report(test, name))
            case nodes.For(iter=looped):
                before += [self._report(found.test, name) for found in looped.find_all(nodes.CondExpr)]
                if not isinstance(looped, nodes.List | nodes.CondExpr):
                    # Without `else`, an empty list need not be looked at: nothing is written for it.
                    before.append(self._report(looped, name, (True, False) if node.else_ else (True,)))
            case nodes.Output(nodes=parts):
                before += [self._report(part.test, name) for part in parts if isinstance(part, nodes.CondExpr)]
        self._mark(node, name)
        return [*before, node]

    def _report(self, test: nodes.Node, name: str, wanted: tuple[bool, ...] = (True, False)) -> nodes.Output:
        assert isinstance(test, nodes.Expr)
        known = f"{name} line {test.lineno}, condition {len(self.conditions)}"
        self.conditions[known] = test
        self.wanted |= {(known, at, answer) for at in range(len(atoms(test))) for answer in wanted}
        answers = [nodes.CondExpr(part, nodes.Const("1"), nodes.Const("0")) for part in atoms(test)]
        marks = [nodes.TemplateData(f"\x01{known}\x02"), *answers, nodes.TemplateData("\x03")]
        return nodes.Output(marks, lineno=test.lineno)


def atoms(test: nodes.Expr) -> list[nodes.Expr]:
    """The parts of a condition that are true or not by themselves."""
    match test:
        case nodes.And() | nodes.Or():
            return [*atoms(test.left), *atoms(test.right)]
        case nodes.Not():
            return atoms(test.node)
    return [test]


def outcome(test: nodes.Expr, answers: Iterator[bool]) -> bool:
    """What a condition comes to, its parts having these answers."""
    match test:
        case nodes.And():
            left, right = outcome(test.left, answers), outcome(test.right, answers)
            return left and right
        case nodes.Or():
            left, right = outcome(test.left, answers), outcome(test.right, answers)
            return left or right
        case nodes.Not():
            return not outcome(test.node, answers)
    return next(answers)


def _loader(name: str) -> BaseLoader:
    def source(asked: str) -> str:
        if asked != name and Path(asked).name not in PARTS:
            return f"«{Path(asked).name}»\n"
        return (TEMPLATES / asked).read_text(encoding="utf-8")

    return FunctionLoader(source)


class Variants:
    """One template with the variants that reach all of it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._plain, self._marking = PlainSandbox(TEMPLATES), _Marking(TEMPLATES)
        self._plain.loader = self._marking.loader = _loader(name)
        reader = ShapeReader(self._plain)
        reader.template(name, {})
        self.data = reader.data
        self._values = list(self.data.inner())
        self.reached: set[Reached] = set()
        self.chosen = dict(self._needed())

    def _needed(self) -> Iterator[tuple[str, Choice]]:
        """Those variants that reach what none before them did."""
        for title, chosen in self._possible():
            reached = self._reached_by(chosen)
            if not reached <= self.reached or title in BASES:
                self.reached |= reached
                yield title, chosen

    def _possible(self) -> Iterator[tuple[str, Choice]]:
        """All there is, nothing, and each of both with one value changed; with two, where that leaves something out."""
        bases = {base: {value.path: value.choices[at] for value in self._values} for base, at in BASES.items()}
        yield from bases.items()
        changes = [{value.path: choice} for value in self._values for choice in value.choices]
        for base, chosen in bases.items():
            yield from ((f"{base} but {_said(change)}", {**chosen, **change}) for change in changes)
        words = [{value.path: word} for value in self._values for word in value.words]
        for word in words if self.missing() else ():
            pairs = (word | change for change in changes)
            yield from ((f"all but {_said(pair)}", {**bases["all"], **pair}) for pair in pairs)

    def _reached_by(self, chosen: Choice) -> set[Reached]:
        reached = set()
        for known, written in _MARK.findall(self._marking.write(self.name, self.data.filled(chosen))):
            answers = [answer == "1" for answer in written]
            test = self._marking.conditions[known]
            for at, answer in enumerate(answers):
                other = [not each if place == at else each for place, each in enumerate(answers)]
                if outcome(test, iter(answers)) != outcome(test, iter(other)):
                    reached.add((known, at, answer))
        return reached

    def missing(self) -> list[str]:
        """The parts of conditions of which one answer never counted, with their line."""
        left = sorted(self._marking.wanted - self.reached)
        return [f"{known}, part {at + 1}: never {answer} where it matters" for known, at, answer in left]

    def texts(self) -> Mapping[str, str]:
        """What the template writes, by variant."""
        return {title: tidy(self._plain.write(self.name, self.data.filled(it))) for title, it in self.chosen.items()}


def _said(choice: Choice) -> str:
    return ", ".join(f"{path} = {value if value != '' else 'nothing'}" for path, value in choice.items())


def tidy(text: str) -> str:
    """At most one empty line between two others, as in what is sent."""
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


@cache
def variants(name: str) -> Variants:
    """The variants of one of the templates that are shipped."""
    return Variants(name)
