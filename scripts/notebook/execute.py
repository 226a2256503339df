"""Executes a notebook: execute.py NOTEBOOK OUTPUT. Needs nbclient and nbformat.

Deno's kernel may send what a cell prints after it has said that the cell is done. Jupyter shows it
all the same; nbclient would drop it, so this waits a moment longer for each cell.
"""

import os
import queue
import sys

import nbclient
import nbformat

LATE_SECONDS = 0.25


class PatientClient(nbclient.NotebookClient):
    async def async_execute_cell(self, cell, cell_index, **options):
        result = await super().async_execute_cell(cell, cell_index, **options)
        while cell.cell_type == "code":
            try:
                message = await self.kc.iopub_channel.get_msg(timeout=LATE_SECONDS)
            except queue.Empty:
                break
            if message["msg_type"] == "stream":
                self.process_message(message, cell, cell_index)
        return result


source, output = sys.argv[1:]
notebook = nbformat.read(source, as_version=4)
PatientClient(
    notebook,
    timeout=120,
    record_timing=False,
    resources={"metadata": {"path": os.path.dirname(os.path.abspath(source))}},
).execute()
nbformat.write(notebook, output)
