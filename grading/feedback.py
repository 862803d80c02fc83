"""The page that a student gets back: nbgrader's own, made to be read without a network.

nbgrader's page asks a server for MathJax. Here formulas become MathML when the page is written,
which browsers draw by themselves, and no script is left in it: neither theirs nor a student's.
"""

from html import escape
from typing import Any

from bs4 import BeautifulSoup
from jinja2 import pass_context
from jinja2.runtime import Context
from latex2mathml.converter import convert
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

__all__ = ["FeedbackExporter"]


# Figures are wider than nbgrader's column.
_STYLE = "<style>img { max-width: 100%; height: auto; }</style>"


class FeedbackExporter(HTMLExporter):
    """nbgrader's feedback page, whole in one file."""

    @pass_context
    def markdown2html(self, context: Context, source: str) -> str:
        """Render Markdown, its formulas as MathML."""
        path = context.get("resources", {}).get("metadata", {}).get("path", "")
        renderer = _Renderer(escape=False, embed_images=False, path=path, anchor_link_text="")
        html: str = MarkdownWithMath(renderer=renderer).render(source)
        return html

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        """Write the page, and take out what would run or be fetched."""
        html, resources = super().from_notebook_node(nb, resources, **kwargs)
        page = BeautifulSoup(html, "html.parser")
        for script in page.find_all("script"):
            script.decompose()
        if page.head is not None:
            page.head.append(BeautifulSoup(_STYLE, "html.parser"))
        return str(page), resources


class _Renderer(IPythonRenderer):
    def inline_math(self, body: str) -> str:
        return _mathml(body, "inline")

    def block_math(self, body: str) -> str:
        return _mathml(body, "block")

    def latex_environment(self, name: str, body: str) -> str:
        return _mathml(rf"\begin{{{name}}}{body}\end{{{name}}}", "block")


def _mathml(formula: str, display: str) -> str:
    try:
        return str(convert(formula, display=display))
    except Exception:  # a student may write anything between dollars
        return f"<code>{escape(formula)}</code>"
