# Puts the same into prose, tags, metadata, attachments, and the names of files beside.
# verdicts: correct correct wrong missing

import json

from nbformat.v4 import new_markdown_cell

TEXT = (
    "</pre><script>document.title='mine'</script><img src=x onerror=alert(1)>"
    "[bold red]rich[/bold red][/]\x1b[2J\x1b]0;mine\x07\u202e\u2066"
)


def hand_in(notebook, path):
    notebook.cells.append(new_markdown_cell(f"{TEXT} $\\href{{javascript:alert(1)}}{{x}}$"))
    notebook.cells[-1].attachments = {TEXT: {"image/svg+xml": TEXT}}
    notebook.metadata.title = TEXT
    for cell in notebook.cells:
        cell.metadata.tags = [TEXT]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    path.with_name(TEXT.replace("/", "")[:80]).write_text(TEXT, encoding="utf-8")
