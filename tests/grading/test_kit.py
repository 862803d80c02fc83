"""The kit as a student meets it: unpacked in an empty folder, started with one command."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile

import nbformat
import pytest
import websocket

from grading import steps
from grading.kit import make_kit
from grading.workspace import Workspace, chapters

pytestmark = pytest.mark.slow

START_SECONDS = 600


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab, started from an unpacked kit; gives its address and token."""
    root = tmp_path_factory.mktemp("kit")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LGM_WORK", str(root / "work"))
        steps.release(chapters()[0])
        kit = make_kit(Workspace(root / "work"), chapters()[:1])
    with zipfile.ZipFile(kit) as archive:
        archive.extractall(root)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex()
    # Nothing of this project's own environment may help.
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    command = [sys.executable, "start.py", "--no-browser", f"--port={port}"]
    command += [f"--IdentityProvider.token={token}", "--allow-root"]
    # A session of its own, so that JupyterLab ends with the script that started it.
    with subprocess.Popen(
        command, cwd=root / "lgm-kit", env=clean, start_new_session=True
    ) as server:
        try:
            yield _wait(f"http://127.0.0.1:{port}", token, server), token
        finally:
            os.killpg(server.pid, signal.SIGTERM)


def _wait(address, token, server):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            _ask(address, token, "/api/status")
        except OSError:
            time.sleep(0.5)
        else:
            return address
    raise AssertionError("JupyterLab did not start")


def _ask(address, token, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{address}{path}", data)
    request.add_header("Authorization", f"token {token}")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read().decode()


def test_lab_opens_and_shows_the_notebook(lab):
    address, token = lab
    assert "JupyterLab" in _ask(address, token, "/lab")
    listing = json.loads(_ask(address, token, f"/api/contents/{chapters()[0]}"))
    assert [item["name"] for item in listing["content"]] == [f"{chapters()[0]}.ipynb"]


def test_a_check_answers_in_the_student_s_own_lab(lab):
    address, token = lab
    path = f"/api/contents/{chapters()[0]}/{chapters()[0]}.ipynb"
    content = json.loads(_ask(address, token, path))["content"]
    cells = [cell for cell in nbformat.from_dict(content).cells if cell.cell_type == "code"]
    marks = [cell.metadata.get("nbgrader", {}) for cell in cells]
    first = next(i for i, mark in enumerate(marks) if mark.get("solution"))
    test = next(i for i, mark in enumerate(marks) if mark.get("grade"))
    code = "\n".join([cells[0].source, cells[first].source, cells[test].source])
    kernel = json.loads(_ask(address, token, "/api/kernels", {"name": "python3"}))["id"]
    assert "Not written yet" in _run(address, token, kernel, code)


def _run(address, token, kernel, code):
    """Run code in a kernel of the server, and return all that it shows as text."""
    url = f"{address.replace('http', 'ws')}/api/kernels/{kernel}/channels?token={token}"
    channel = websocket.create_connection(url, timeout=120)
    header = {"msg_id": "1", "msg_type": "execute_request", "username": "", "session": "1"}
    content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
    channel.send(json.dumps({**message, "channel": "shell", "buffers": []}))
    shown = []
    try:
        while True:
            reply = json.loads(channel.recv())
            if reply["parent_header"].get("msg_id") != "1":
                continue
            shown.append(json.dumps(reply["content"]))
            if reply["content"].get("execution_state") == "idle":
                return "\n".join(shown)
    finally:
        channel.close()
