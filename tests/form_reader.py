"""A form as a browser has it: what stands in its fields, what can be chosen, and what it would send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Control:
    """A field: its value(s) as they stand, and, where one chooses, what can be chosen (not disabled)."""

    kind: str
    values: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)

    @property
    def is_choice(self) -> bool:
        return self.kind in ("radio", "checkbox", "select")


class FormReader(HTMLParser):
    """Reads the form of a page that has the class ``asking``."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.controls: dict[str, Control] = {}
        self.found = False
        self._inside = False
        self._area = self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form" and "asking" in said.get("class", "").split():
            self._inside = self.found = True
        elif self._inside and tag == "input":
            self._input(said)
        elif self._inside and tag == "textarea":
            self._area = said["name"]
            self.controls[self._area] = Control(kind="text", values=[""])
        elif self._inside and tag == "select":
            self._select = said["name"]
            self.controls[self._select] = Control(kind="select")
        elif self._inside and tag == "option" and self._select:
            self._option(said)

    def _input(self, said: Mapping[str, str]) -> None:
        if "name" not in said:
            return
        kind = said.get("type", "text")
        control = self.controls.setdefault(said["name"], Control(kind=kind))
        if kind not in ("radio", "checkbox"):
            control.values = [said.get("value", "")]
        elif "disabled" not in said:
            control.options.append(said["value"])
            control.values += [said["value"]] if "checked" in said else []

    def _option(self, said: Mapping[str, str]) -> None:
        control = self.controls[self._select]
        control.options.append(said["value"])
        if "selected" in said:
            control.values = [said["value"]]

    def handle_data(self, data: str) -> None:
        if self._area:
            control = self.controls[self._area]
            control.values = [control.values[0] + data]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            self._area = ""
        elif tag == "select":
            # a browser sends the first option where none is chosen
            chosen = self.controls[self._select]
            chosen.values = chosen.values or chosen.options[:1]
            self._select = ""

    def fill(self, name: str, *values: str) -> None:
        """Type or choose; what the page does not offer cannot be chosen."""
        assert name in self.controls, f"the form does not ask for {name}; it asks for {sorted(self.controls)}"
        control = self.controls[name]
        missing = [value for value in values if control.is_choice and value not in control.options]
        assert not missing, f"{name} offers {control.options}, not {missing}"
        control.values = list(values)

    def sends(self) -> dict[str, list[str]]:
        """Return what is sent; files are not in it."""
        return {name: control.values for name, control in self.controls.items() if control.kind != "file"}
