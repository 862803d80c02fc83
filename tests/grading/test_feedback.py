"""A feedback page can be read without a network, and runs nothing that a student wrote."""

import pytest
from bs4 import BeautifulSoup
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from grading.feedback import FeedbackExporter


def page(*cells):
    html, _ = FeedbackExporter().from_notebook_node(new_notebook(cells=list(cells)))
    return html


def test_a_formula_becomes_mathml():
    html = page(new_markdown_cell(r"We have $p(x) = \sum_z p(x, z)$ here."))
    assert "<math" in html
    assert "<mi>p</mi>" in html
    assert "$" not in html[html.index("We have") : html.index("here.")]


def test_displayed_formulas_and_environments_become_blocks():
    html = page(new_markdown_cell("$$a^2$$\n\n\\begin{align}a &= b\\end{align}"))
    assert html.count('display="block"') == 2


def test_what_is_no_formula_is_shown_as_it_was_written():
    html = page(new_markdown_cell(r"$\frac{$"))
    assert r"<code>\frac{</code>" in html


def test_no_script_is_left_and_nothing_is_fetched():
    attack = new_output("display_data", data={"text/html": "<b>x</b><script>alert(1)</script>"})
    html = page(
        new_code_cell("1", outputs=[attack]), new_markdown_cell("<script>alert(2)</script>")
    )
    assert "<b>x</b>" in html
    assert "<script" not in html


LIVE = [
    "<img src=x onerror=alert(1)>",
    "<ImG sRc=x OnErRoR=alert(1)>",
    "<svg onload=alert(1)></svg>",
    "<a href=' java\nscript:alert(1)'>x</a>",
    "<a href='data:text/html,alert(1)'>x</a>",
    "<iframe srcdoc='alert(1)'></iframe>",
    "<form action='https://example.org/alert'><button formaction='javascript:alert(1)'></form>",
    "<meta http-equiv=refresh content='0;url=https://example.org/alert'>",
    "<img src='https://example.org/alert.png'>",
    "<!--><img src=x onerror=alert(1)>-->",
]


@pytest.mark.parametrize("html", LIVE)
@pytest.mark.parametrize("place", ["output", "text"])
def test_nothing_that_is_live_is_left_whatever_way_it_is_written(html, place):
    cell = new_markdown_cell(html)
    if place == "output":
        cell = new_code_cell("", outputs=[new_output("display_data", data={"text/html": html})])
    shown = BeautifulSoup(page(cell), "html.parser").body
    values = [str(value) for tag in shown.find_all(True) for value in tag.attrs.values()]
    assert not any("alert" in value for value in values)


def test_the_browser_is_told_first_that_nothing_may_run():
    head = BeautifulSoup(page(new_markdown_cell("x")), "html.parser").head
    first = next(child for child in head.children if child.name)
    assert first["http-equiv"] == "Content-Security-Policy"
    assert first["content"].startswith("default-src 'none'")


def test_links_figures_and_attached_pictures_stay():
    text = "[there](https://example.org) ![mine](attachment:x.png)"
    attached = {"x.png": {"image/png": "AAAA"}}
    figure = new_output("display_data", data={"image/png": "BBBB"})
    html = page(new_markdown_cell(text, attachments=attached), new_code_cell("", outputs=[figure]))
    assert 'href="https://example.org"' in html
    assert "data:image/png;base64,AAAA" in html
    assert "data:image/png;base64,BBBB" in html


@pytest.mark.parametrize("source", ["![x](attachment:lost.png)", ">" * 20_000])
def test_a_text_that_cannot_be_rendered_is_shown_as_it_was_written(source):
    assert source[:20].replace(">", "&gt;") in page(new_markdown_cell(source))


def test_nbconvert_s_own_page_would_fetch_and_run():
    # The reason for the exporter: when this fails, it may go.
    notebook = new_notebook(cells=[new_markdown_cell("$a$")])
    html, _ = HTMLExporter().from_notebook_node(notebook)
    assert "<script" in html
    assert "<math" not in html
