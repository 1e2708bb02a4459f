"""Figures as tables, which look the same on a terminal and as Markdown."""

import datetime
import statistics
from dataclasses import dataclass, field

from .machine import BENCHMARKS


@dataclass
class Table:
    """A suite's figures."""

    title: str
    method: str
    header: list
    rows: list = field(default_factory=list)
    remarks: list = field(default_factory=list)

    @property
    def text(self):
        lines = [f"## {self.title}", "", self.method, ""]
        if self.rows:
            cells = [[str(cell) for cell in row] for row in [self.header, *self.rows]]
            widths = [max(len(row[column]) for row in cells) for column in range(len(self.header))]
            rule = ["-" * widths[0]] + ["-" * (width - 1) + ":" for width in widths[1:]]
            for row in [cells[0], rule, *cells[1:]]:
                padded = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
                lines.append("| " + " | ".join(padded) + " |")
            lines.append("")
        lines += [f"- {remark}" for remark in self.remarks]
        return "\n".join(lines).rstrip()


def spread(values, digits):
    """The median, with the lowest and highest."""
    if len(values) == 1:
        return f"{values[0]:.{digits}f}"
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def verdict(value, limit, digits, unit=""):
    """The value beside its target."""
    return f"{'met' if value <= limit else 'MISSED'}: {value:.{digits}f}{unit}, target ≤ {limit:g}{unit}"


def write(machine, tables, tiny):
    """Replaces RESULTS.md."""
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    lines = [
        "# Results",
        "",
        "Measured and written by `Benchmarks/run --write`, whose header tells how. A figure is the median of its rounds,",
        "with the lowest and the highest in brackets.",
        "",
    ]
    if tiny:
        lines += ["**With tiny inputs: these figures say nothing.**", ""]
    lines += [f"- {name}: {text}" for name, text in [("Date", date), *machine.facts()]]
    for table in tables:
        lines += ["", table.text]
    (BENCHMARKS / "RESULTS.md").write_text("\n".join(lines) + "\n")
