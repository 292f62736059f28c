"""The texts of papers: words with placeholders in double braces (Jinja), read in a sandbox; and what a text names.

A text may name the facts that its paper shows, and what the house knows of every paper (`HOUSE`). Nothing else: no
setting, no other fact, no code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jinja2 import StrictUndefined, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from qingtian.base import parsers
from qingtian.base.errors import Term

HOUSE: Mapping[str, tuple[str, ...]] = {
    "paper": ("title", "number", "date", "law", "basis", "version", "own"),
    "file": ("number", "title"),
    "authority": (),
    "enterprise": ("name", "code", "place", "known"),
    "officers": (),
    "papers": (),
}
"""What every paper knows, and its parts. ``officers`` is a list, each with ``name`` and ``certificate``; of ``papers``
(those of the file that were made before) each has ``number`` and ``date``."""
OF_A_PAPER = ("number", "date", "known")
OF_A_FACT = ("name", "known", "words", "formal", "code")
"""``{{ fine.words }}`` in capitals 大写, ``{{ served_on.formal }}`` 二〇二六年…, ``{{ harm.code }}`` the option."""
OF_A_TEMPLATE = ("blocks",)
"""Only in a Word template: the body of `papers.yaml`, part by part."""
TYPESETTING = ("loop", "range")


def environment(*, escaping: bool = False) -> ImmutableSandboxedEnvironment:
    """Return the sandbox that reads and fills texts; a name it does not know is an error. ``escaping``: for XML."""
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=escaping)


def named(text: str) -> Iterator[tuple[str, ...]]:
    """Yield what a text names: ``("fine",)``, ``("fine", "words")``, ``("papers", "decision", "number")``.

    Names that the text makes itself (of a loop) are left out.

    :raises TemplateSyntaxError: if the text cannot be read.
    """
    tree = environment().parse(text)
    free = meta.find_undeclared_variables(tree) - set(TYPESETTING)
    longest: set[tuple[str, ...]] = set()
    for node in tree.find_all((nodes.Getattr, nodes.Getitem, nodes.Name)):
        path = _path(node)
        if path and path[0] in free:
            longest.add(path)
    yield from sorted(path for path in longest if not any(_begins(other, path) for other in longest))


def expression(text: str) -> str:
    """Return a condition (``fine > 0``) as a text that `named` reads."""
    return f"{{{{ {text} }}}}"


def fault(text: str) -> Term | None:
    """Return why a text cannot be read; None if it can."""
    try:
        environment().parse(text)
    except TemplateSyntaxError as error:
        return parsers.of_jinja(error.message or "?")
    return None


def _begins(longer: tuple[str, ...], path: tuple[str, ...]) -> bool:
    return len(longer) > len(path) and longer[: len(path)] == path


def _path(node: nodes.Node) -> tuple[str, ...]:
    if isinstance(node, nodes.Name):
        return (node.name,)
    if isinstance(node, nodes.Getattr):
        before = _path(node.node)
        return (*before, node.attr) if before else ()
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        before = _path(node.node)
        return (*before, str(node.arg.value)) if before else ()
    return ()
