"""Executes a notebook: execute.py NOTEBOOK OUTPUT. Needs nbclient and nbformat.

Deno's kernel may send what a cell prints or shows after it has said that the cell is done. Jupyter shows it
all the same; nbclient would drop it. So after each cell this has the kernel print a mark, and waits
for it: what a kernel prints comes in order.
"""

import os
import sys

import nbclient
import nbformat

MARK = "-- end of the cell --"


class PatientClient(nbclient.NotebookClient):
    async def async_execute_cell(self, cell, cell_index, **options):
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


source, output = sys.argv[1:]
notebook = nbformat.read(source, as_version=4)
PatientClient(
    notebook,
    timeout=120,
    record_timing=False,
    resources={"metadata": {"path": os.path.dirname(os.path.abspath(source))}},
).execute()
nbformat.write(notebook, output)
