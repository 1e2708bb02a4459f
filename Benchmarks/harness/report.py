"""Figures as tables, which look the same on a terminal and as Markdown, and the page that holds them."""

import datetime
import re
import statistics
from dataclasses import dataclass, field

from . import charts


@dataclass
class Table:
    """Some figures; the first column names them."""

    header: list
    rows: list = field(default_factory=list)

    def lines(self):
        cells = [[str(cell) for cell in row] for row in [self.header, *self.rows]]
        widths = [max(len(row[column]) for row in cells) for column in range(len(self.header))]
        rule = ["-" * widths[0]] + ["-" * (width - 1) + ":" for width in widths[1:]]
        lines = []
        for row in [cells[0], rule, *cells[1:]]:
            padded = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
            lines.append("| " + " | ".join(padded) + " |")
        return [*lines, ""]


@dataclass
class Section:
    """What a suite has measured."""

    name: str
    title: str
    method: str
    tables: list = field(default_factory=list)
    remarks: list = field(default_factory=list)
    charts: list = field(default_factory=list)
    highlights: list = field(default_factory=list)
    """What the README shows of it: name of the figure, Swiftlet's, what stands beside it."""

    def table(self, header):
        self.tables.append(Table(header))
        return self.tables[-1]

    def highlight(self, name, texts, unit):
        """Notes a figure, of which there is a text for each kind of server; Swiftlet's is the first."""
        (_, ours), *others = texts.items()
        beside = " · ".join(f"{kind.name} {text}{unit}" for kind, text in others)
        self.highlights.append((name, f"{ours}{unit}", beside))

    def text(self, provenance=None, shows_charts=False):
        lines = [f"## {self.name}: {self.title}", "", self.method, ""]
        if provenance:
            lines += [provenance, ""]
        if shows_charts:
            for chart in self.charts:
                lines += [f"![{chart.title}](charts/{chart.name}.svg)", ""]
        for table in self.tables:
            if table.rows:
                lines += table.lines()
        lines += [f"- {remark}" for remark in self.remarks]
        return "\n".join(lines).rstrip()


def spread(values, digits):
    """The median, with the lowest and highest."""
    if not values:
        return "–"
    if len(values) == 1:
        return f"{values[0]:.{digits}f}"
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def middle(values, digits):
    """The median alone, as text."""
    return f"{statistics.median(values):,.{digits}f}"


def ratios(ours, theirs, digits=3):
    """Round by round, the one divided by the other."""
    return spread([mine / other for mine, other in zip(ours, theirs)], digits)


def verdict(value, limit, digits, unit="", is_least=False):
    """The value beside its target, which is the most that it may be, or the least."""
    is_met = value >= limit if is_least else value <= limit
    sign = "≥" if is_least else "≤"
    return f"{'met' if is_met else 'MISSED'}: {value:.{digits}f}{unit}, target {sign} {limit:g}{unit}"


HEAD = """# Results

Measured and written by `Benchmarks/run --write`, whose header tells how. A figure is the median of its rounds, with the
lowest and the highest in brackets.
"""


def write(folder, run, section, names):
    """Puts a section and its charts into a folder's RESULTS.md, in the order of all `names`.

    Sections that stand there already stay, if they are from the same machine and programs.
    """
    page = folder / "RESULTS.md"
    facts = "\n".join(f"- {name}: {text}" for name, text in run.machine.facts())
    texts = {}
    if page.exists() and facts in page.read_text():
        parts = re.split(r"^## ", page.read_text(), flags=re.MULTILINE)[1:]
        texts = {part.split(":", 1)[0]: "## " + part.rstrip() for part in parts}
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    provenance = f"Measured {date} at {run.machine.version}: `{run.command}`."
    if run.tiny:
        provenance += " **The inputs were tiny: these figures say nothing.**"
    texts[section.name] = section.text(provenance, shows_charts=charts.can_draw())
    for chart in section.charts:
        charts.draw(chart, folder / "charts")
    known = [texts[name] for name in names if name in texts]
    page.write_text("\n\n".join([f"{HEAD}\n{facts}", *known]) + "\n")
