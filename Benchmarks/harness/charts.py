"""Charts, drawn by gnuplot as SVG: the same figures give the same bytes.

A chart is a row of panels. A panel shows lines, each with its name at its right end, or bars, each with its value. What
gnuplot cannot know is worked out here: where ticks stand, and where names stand so that none covers another.
"""

import math
import re
import shutil
import subprocess
from dataclasses import dataclass

from .servers import Failure

OURS = "swiftlet"
COLOURS = {
    OURS: "#d6440e", "swiftlet, lines": "#f0935f", "redis-server": "#1f6fb4", "memcached": "#2a8f5b",
    "goroutine-mutex": "#8560ac", "bare loop": "#8a8a8a"}
"""Each server's, in all charts."""

WIDTH, HEIGHT = 980, 400
TEXT, FAINT, GRID = "#24292f", "#6a737d", "#e4e7ea"
TOP, BOTTOM = 0.78, 0.15
"""Where a panel's area ends and begins, as parts of the height."""
NAME_PIXELS = 124
TICK_PIXELS = 58
LINE_PIXELS = 16
"""How far apart names have to be to be read."""


@dataclass
class Lines:
    """Lines over one axis: `lines` are points by name."""

    title: str
    lines: dict
    x: str
    y: str
    x_log: bool = False
    y_log: bool = False
    x_ticks: tuple = ()
    """Names of the places 0, 1, 2 … of an axis that is none of numbers."""

    def span(self):
        """The lowest and highest value."""
        values = [y for points in self.lines.values() for _, y in points]
        return min(values), max(values)


@dataclass
class Bars:
    """Bars, from the top: `values` are numbers by name."""

    title: str
    values: dict
    digits: int = 0


@dataclass
class Chart:
    """A picture: panels side by side, in a file of its name."""

    name: str
    title: str
    panels: list
    same_y: bool = False
    """Whether lines of all panels are to be compared by height."""


def can_draw():
    return shutil.which("gnuplot") is not None


def draw(chart, folder):
    """Draws a chart; nothing happens where there is no gnuplot."""
    if not can_draw():
        return
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["gnuplot"], input=script(chart), capture_output=True, text=True)
    if done.returncode != 0 or not done.stdout.rstrip().endswith("</svg>"):
        raise Failure(f"gnuplot does not draw {chart.name}: {done.stderr.strip()}")
    # In place of gnuplot's name and version: what a screen reader says, and a pointer that rests shows.
    title = f"<title>{escaped(chart.title)}</title>"
    svg = re.sub(r"<title>.*?</desc>", lambda _: title, done.stdout, count=1, flags=re.DOTALL)
    (folder / f"{chart.name}.svg").write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n")


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def script(chart):
    """What gnuplot is to do."""
    lines = [
        f"set terminal svg noenhanced size {WIDTH},{HEIGHT} font 'Helvetica,Arial,sans-serif,13' background '#ffffff'",
        "set multiplot",
        "unset key",
        f"set label 1 {quoted(chart.title)} at screen 0.02,0.94 left font ',16' textcolor rgb '{TEXT}'",
    ]
    spans = [panel.span() for panel in chart.panels if isinstance(panel, Lines)]
    whole = (min(low for low, _ in spans), max(high for _, high in spans)) if chart.same_y else None
    # Names of bars stand once, at the left, if all panels have the same.
    is_shared = all(isinstance(panel, Bars) for panel in chart.panels)
    indent = NAME_PIXELS if is_shared else 0
    width = (WIDTH - indent - 20) / len(chart.panels)
    for place, panel in enumerate(chart.panels):
        left = indent + 10 + place * width
        if isinstance(panel, Lines):
            lines += lines_panel(panel, left, width, whole or panel.span())
        else:
            own = 0 if is_shared else NAME_PIXELS
            lines += bars_panel(panel, left + own, width - own, shows_names=place == 0 or not is_shared)
        lines += ["unset label"]
    return "\n".join([*lines, "unset multiplot", ""])


def area(left, width):
    return [
        f"set lmargin at screen {left / WIDTH:.4f}", f"set rmargin at screen {(left + width) / WIDTH:.4f}",
        f"set tmargin at screen {TOP}", f"set bmargin at screen {BOTTOM}",
    ]


# --- Lines


def lines_panel(panel, left, width, span):
    plot_left, plot_width = left + TICK_PIXELS, width - TICK_PIXELS - NAME_PIXELS
    low, high, y_ticks = log_scale(*span) if panel.y_log else linear_scale(span[1])
    y_text, title = (duration, panel.title) if panel.y == "µs" else (short, f"{panel.title}, {panel.y}")
    points = [x for line in panel.lines.values() for x, _ in line]
    x_low, x_high = min(points), max(points)
    if panel.x_ticks:
        ticks = list(enumerate(panel.x_ticks))
    elif panel.x_log:
        ticks = [(x, short(x)) for x in decades(x_low, x_high)]
    else:
        ticks = [(x, short(x)) for x in linear_scale(x_high)[2]]
    if x_low == x_high:
        x_low, x_high = (x_low / 2, x_high * 2) if panel.x_log else (x_low - 1, x_high + 1)
    lines = [
        *area(plot_left, plot_width),
        f"set border 1 linecolor rgb '{FAINT}'",
        f"{'set' if panel.x_log else 'unset'} logscale x", f"{'set' if panel.y_log else 'unset'} logscale y",
        # A hair more than the ticks, which gnuplot's rounding would else leave out at the ends.
        f"set xrange [{x_low * 0.999:.10g}:{x_high * 1.001:.10g}]",
        f"set yrange [{low * 0.999:.10g}:{high * 1.001:.10g}]",
        f"set xtics nomirror out scale 0.5 textcolor rgb '{TEXT}' ({tick_list(ticks)})",
        f"set ytics nomirror scale 0 textcolor rgb '{TEXT}' ({tick_list([(y, y_text(y)) for y in y_ticks])})",
        f"set grid ytics linetype 1 linewidth 1 linecolor rgb '{GRID}'",
        f"set xlabel {quoted(panel.x)} textcolor rgb '{FAINT}' offset 0,0.4",
        f"set label 2 {quoted(title)} at screen {left / WIDTH + 0.008:.4f},0.85 left "
        f"textcolor rgb '{TEXT}'",
    ]
    plots = []
    for number, (name, line) in enumerate(panel.lines.items()):
        lines += [f"$line{number} << END", *(f"{x:.10g} {y:.10g}" for x, y in line), "END"]
        thickness = 3 if name == OURS else 2
        plots.append(
            f"$line{number} using 1:2 with linespoints linetype 1 linewidth {thickness} pointtype 7 pointsize 0.45 "
            f"linecolor rgb '{COLOURS[name]}'")
    ends = {name: part(line[-1][1], low, high, panel.y_log) for name, line in panel.lines.items() if line}
    for name, height in apart(ends, LINE_PIXELS / ((TOP - BOTTOM) * HEIGHT)).items():
        place = f"graph {1 + 9 / plot_width:.4f},{height:.4f}"
        lines.append(f"set label {quoted(name)} at {place} left textcolor rgb '{COLOURS[name]}'")
    return [*lines, "plot " + ", ".join(plots)]


def part(value, low, high, is_log):
    """Where a value stands between the ends of an axis, from 0 to 1."""
    if is_log:
        value, low, high = math.log(max(value, low)), math.log(low), math.log(high)
    return (value - low) / (high - low)


def apart(heights, distance):
    """Heights that are at least `distance` apart, each as near to what was wanted as that allows."""
    names = sorted(heights, key=heights.get)
    clusters = []
    for name in names:
        clusters.append([[name], heights[name]])
        # Clusters that would overlap become one, around the mean of what its members want.
        while len(clusters) > 1 and overlap(clusters[-2], clusters[-1], distance):
            upper = clusters.pop()
            lower = clusters.pop()
            members = lower[0] + upper[0]
            clusters.append([members, sum(heights[member] for member in members) / len(members)])
    placed = {}
    for members, middle in clusters:
        bottom = max(middle - distance * (len(members) - 1) / 2, 0)
        for number, name in enumerate(members):
            placed[name] = bottom + distance * number
    return placed


def overlap(lower, upper, distance):
    needed = distance * (len(lower[0]) + len(upper[0])) / 2
    return upper[1] - lower[1] < needed


# --- Bars


def bars_panel(panel, left, width, shows_names):
    names = list(panel.values)
    most = max(panel.values.values())
    # The longest bar leaves room for its value.
    lines = [
        *area(left, width - 62),
        "unset logscale", "unset border", "unset xtics", "unset xlabel", "unset grid",
        f"set xrange [0:{most:g}]", f"set yrange [{len(names) - 0.4:g}:-0.6]",
        f"set label 2 {quoted(panel.title)} at graph 0, screen 0.85 left textcolor rgb '{TEXT}'",
    ]
    if shows_names:
        ticks = tick_list(list(enumerate(names)))
        lines.append(f"set ytics nomirror scale 0 textcolor rgb '{TEXT}' ({ticks})")
    else:
        lines.append("unset ytics")
    plots = []
    for number, name in enumerate(names):
        value = panel.values[name]
        lines += [f"$bar{number} << END", f"{value:.10g} {number}", "END"]
        plots.append(
            f"$bar{number} using (0):2:(0):1:($2-0.31):($2+0.31) with boxxyerror fillstyle solid 1 noborder "
            f"linecolor rgb '{COLOURS[name]}'")
        text = f"{value:,.{panel.digits}f}"
        lines.append(f"set label {quoted(text)} at first {value:g},{number} left offset 0.6,0 textcolor rgb '{TEXT}'")
    return [*lines, "plot " + ", ".join(plots)]


# --- Scales


def linear_scale(high):
    """An axis from 0 on: its end above `high`, and four to six ticks."""
    rough = max(high, 1e-9) / 5
    magnitude = 10 ** math.floor(math.log10(rough))
    step = next(step * magnitude for step in (1, 2, 5, 10) if step * magnitude >= rough)
    count = math.ceil(high / step * 1.0000001)
    return 0, count * step, [number * step for number in range(count + 1)]


def log_scale(low, high):
    """An axis of powers of ten around some values; with fewer than three of them also twos and fives."""
    low, high = max(low, 1e-9), max(high, 2e-9)
    ticks = decades(10 ** math.floor(math.log10(low)), 10 ** math.ceil(math.log10(high)))
    if len(ticks) > 3:
        return ticks[0], ticks[-1], ticks
    fine = [tick * step for tick in ticks for step in (1, 2, 5)]
    below, above = [tick for tick in fine if tick <= low], [tick for tick in fine if tick >= high]
    ends = (below[-1] if below else fine[0], above[0] if above else fine[-1])
    if ends[0] == ends[1]:
        ends = (ends[0], ends[1] * 10)
    return *ends, [tick for tick in fine if ends[0] <= tick <= ends[1]]


def decades(low, high):
    """The powers of ten between two numbers."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    return [10.0 ** power for power in range(first, last + 1)]


def short(number):
    """A number as ticks show it: 20k, 1M, 0.5."""
    for limit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= limit:
            return f"{number / limit:g}{letter}"
    return f"{number:g}"


def duration(microseconds):
    """A time as ticks show it: 20 µs, 1 ms."""
    for limit, unit in ((1e6, "s"), (1e3, "ms")):
        if microseconds >= limit:
            return f"{microseconds / limit:g} {unit}"
    return f"{microseconds:g} µs" if microseconds else "0"


def tick_list(ticks):
    return ", ".join(f"{quoted(text)} {place:.10g}" for place, text in ticks)


def quoted(text):
    """A string of gnuplot's that means just its characters."""
    return "'" + str(text).replace("'", "''") + "'"
