"""The page that a student gets back: nbgrader's own, made to be read without a network.

nbgrader's page asks a server for MathJax. Here formulas become MathML when the page is written,
which browsers draw by themselves, and nothing is left in it that runs or fetches: neither theirs
nor a student's. The page says so to the browser as well, which reads some markup otherwise than we.
"""

import re
from html import escape
from typing import Any

from bs4 import BeautifulSoup, Comment, Tag
from jinja2 import pass_context
from jinja2.runtime import Context
from latex2mathml.converter import convert
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

__all__ = ["FeedbackExporter"]


_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'"
)
# Figures are wider than nbgrader's column.
_HEAD = f"""<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<style>img {{ max-width: 100%; height: auto; }}</style>"""
# Elements that run, fetch, or lead away by themselves.
_ACTIVE = (
    *("script", "noscript", "iframe", "frame", "frameset", "object", "embed", "applet"),
    *("base", "link", "form", "portal", "animate", "set", "template"),
)
_SOURCES = {"src", "srcset", "data", "poster", "background"}
_LINKS = {"href", "xlink:href", "action", "formaction", "ping", "cite"}
# Whoever looks at the page in a terminal is not commanded by it.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_INVISIBLE = re.compile(r"[\x00-\x20]+")


class FeedbackExporter(HTMLExporter):
    """nbgrader's feedback page, whole in one file."""

    @pass_context
    def markdown2html(self, context: Context, source: str) -> str:
        """Render Markdown, its formulas as MathML."""
        path = context.get("resources", {}).get("metadata", {}).get("path", "")
        attachments = context.get("cell", {}).get("attachments", {})
        renderer = _Renderer(
            escape=False,
            embed_images=False,
            path=path,
            attachments=attachments,
            anchor_link_text="",
        )
        try:
            html: str = MarkdownWithMath(renderer=renderer).render(source)
        except Exception:  # an attachment that is not there, quotations a thousand deep
            return f"<pre>{escape(source)}</pre>"
        return html

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        """Write the page, and take out what would run or be fetched."""
        html, resources = super().from_notebook_node(nb, resources, **kwargs)
        page = BeautifulSoup(html, "html.parser")
        _disarm(page)
        if page.head is not None:
            page.head.insert(0, BeautifulSoup(_HEAD, "html.parser"))
        return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", str(page)), resources


def _disarm(page: BeautifulSoup) -> None:
    """Take out what runs, fetches, or leads away without being asked."""
    for comment in page.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    for tag in page.find_all([*_ACTIVE, "meta"]):
        if tag.name != "meta" or tag.has_attr("http-equiv"):
            tag.decompose()
    for tag in page.find_all(True):
        assert isinstance(tag, Tag)
        for name in [name for name in tag.attrs if not _harmless(name.lower(), str(tag[name]))]:
            del tag[name]


def _harmless(name: str, value: str) -> bool:
    """Whether an attribute only says how something looks, or where a link leads that is clicked."""
    address = _INVISIBLE.sub("", value).lower()
    if name in _SOURCES:
        return address.startswith("data:image/")
    if name in _LINKS:
        return ":" not in address or address.startswith(("http:", "https:", "mailto:", "#"))
    return not name.startswith("on") and name != "srcdoc"


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
