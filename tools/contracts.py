"""A contract for import-linter: the core, whatever modules it has, imports no area."""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class CoreContract(Contract):
    """Every module directly under the package that is named in neither list is core; it imports neither list.

    The lists are therefore all there is to keep: a new core module is covered the day it is written.
    """

    type_name = "core"

    package = fields.StringField()
    areas = fields.ListField(subfield=fields.StringField())
    wiring = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        root = str(self.package)
        above = {f"{root}.{name}" for names in (self.areas, self.wiring) for name in list(names)}  # type: ignore[call-overload]
        core = sorted(graph.find_children(root) - above)
        found = [
            detail
            for module in core
            for importer in sorted({module} | graph.find_descendants(module))
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if imported == root or any(f"{imported}.".startswith(f"{name}.") for name in above)
            for detail in graph.get_import_details(importer=importer, imported=imported)
        ]
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for detail in check.metadata["found"]:
            place = f"{detail['importer']}, line {detail['line_number']}"
            output.print_error(f"{place}: core imports {detail['imported']}")
        output.new_line()
