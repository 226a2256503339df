"""Executes a notebook: execute.py NOTEBOOK OUTPUT FOLDER, in FOLDER. Needs nbclient and nbformat.

Deno's kernel may send what a cell prints or shows after it has said that the cell is done. Jupyter shows it
all the same; nbclient would drop it. So after each cell this has the kernel print a mark, and waits
for it: what a kernel prints comes in order.
"""

import sys

import nbclient
import nbformat
from nbclient.exceptions import CellExecutionError

MARK = "-- end of the cell --"


class PatientClient(nbclient.NotebookClient):
    async def async_execute_cell(self, cell, cell_index, **options):
        self.last_cell = cell_index
        result = await super().async_execute_cell(cell, cell_index, **options)
        if cell.cell_type != "code":
            return result
        own = self.kc.execute(f"console.log('{MARK}')", store_history=False)
        text = ""
        while MARK not in text:
            message = await self.kc.iopub_channel.get_msg(timeout=60)
            if message["msg_type"] in ("display_data", "execute_result", "error"):
                if message["parent_header"].get("msg_id") != own:
                    self.process_message(message, cell, cell_index)
            if message["msg_type"] != "stream":
                continue
            text = message["content"]["text"]
            message["content"]["text"] = text.split(MARK)[0]
            if message["content"]["text"]:
                self.process_message(message, cell, cell_index)
        return result


source, output, folder = sys.argv[1:]
notebook = nbformat.read(source, as_version=4)
client = PatientClient(
    notebook,
    timeout=900,
    record_timing=False,
    resources={"metadata": {"path": folder}},
)
try:
    client.execute()
except CellExecutionError as error:
    print(f"Cell {client.last_cell + 1} failed: {error.ename}: {error.evalue}")
    sys.exit(1)
finally:
    nbformat.write(notebook, output)
