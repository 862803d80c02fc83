"""A feedback page can be read without a network, and runs nothing that a student wrote."""

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


def test_nbconvert_s_own_page_would_fetch_and_run():
    # The reason for the exporter: when this fails, it may go.
    notebook = new_notebook(cells=[new_markdown_cell("$a$")])
    html, _ = HTMLExporter().from_notebook_node(notebook)
    assert "<script" in html
    assert "<math" not in html
