"""The few figures that the README and the Performance article show, kept between two marks of each page."""

from .machine import PACKAGE

PAGES = (PACKAGE / "README.md", PACKAGE / "Sources" / "Reactor" / "Documentation.docc" / "Performance.md")
BEGIN, END = "<!-- figures, by Benchmarks/run --write -->", "<!-- end of figures -->"
HEADER = ["figure", "Swiftlet", "beside it", "repeat with"]


def update(section):
    """Puts a section's highlights into the pages: in the place of those of the same name, or behind all others."""
    for page in PAGES:
        before, rest = page.read_text().split(BEGIN)
        table, after = rest.split(END)
        rows = {}
        for line in table.strip().splitlines()[2:]:
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            rows[cells[0]] = cells
        for name, ours, beside in section.highlights:
            rows[name] = [name, ours, beside, f"`Benchmarks/run {section.name}`"]
        lines = ["| " + " | ".join(cells) + " |" for cells in [HEADER, ["---"] * len(HEADER), *rows.values()]]
        page.write_text(f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{after}")
