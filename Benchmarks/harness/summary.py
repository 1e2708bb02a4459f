"""The few figures that the README and the Performance article show, kept between two marks of each page."""

from .machine import PACKAGE

PAGES = (PACKAGE / "README.md", PACKAGE / "Sources" / "Reactor" / "Documentation.docc" / "Performance.md")
BEGIN, END = "<!-- figures, by Benchmarks/run --write -->", "<!-- end of figures -->"
HEADER = ["figure", "Swiftlet", "beside it", "repeat with"]


def update(section, suites):
    """Puts a section's highlights into the pages in place of those that it had there, in the order of `suites`."""
    command = f"`Benchmarks/run {section.name}`"
    order = [f"`Benchmarks/run {name}`" for name in suites]
    for page in PAGES:
        before, rest = page.read_text().split(BEGIN)
        table, after = rest.split(END)
        rows = [
            [cell.strip() for cell in line.strip().strip("|").split("|")] for line in table.strip().splitlines()[2:]]
        rows = [cells for cells in rows if cells[-1] != command and cells[-1] in order]
        rows += [[*highlight, command] for highlight in section.highlights]
        rows.sort(key=lambda cells: order.index(cells[-1]))
        lines = ["| " + " | ".join(cells) + " |" for cells in [HEADER, ["---"] * len(HEADER), *rows]]
        page.write_text(f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{after}")
