"""The procedures' files are checked with everything else that Django checks before it starts."""

from django.core.checks import Error, register

from trading.procedures.loading import ProcedureError, load


@register
def procedure_files(app_configs, **more):
    """One error per fault of the files."""
    try:
        load()
    except ProcedureError as wrong:
        return [Error(fault, id="trading.E001") for fault in wrong.faults]
    return []
