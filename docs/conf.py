"""How Sphinx makes the site: see docs/build.py, which runs it.

The source is the whole project, so that links between its pages hold here as
they do on GitHub. `myst_nb` reads the Markdown and the notebooks as they stand.
"""

import doctest
import os
import re
from urllib.parse import urlencode

from docutils import nodes
from latex2mathml.converter import convert

project = "chainrule"
html_title = "chainrule"
root_doc = "docs/index"
extensions = ["myst_nb"]
include_patterns = [
    "docs/*.md",
    "notebooks/*.ipynb",
    "benchmarks/README.md",
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
]

html_theme = "furo"  # light and dark, and no font from elsewhere
html_favicon = "favicon.svg"
html_show_sphinx = False
html_copy_source = False
html_theme_options = {"top_of_page_buttons": []}
html_math_renderer = "mathml"
pygments_style = "friendly"
pygments_dark_style = "github-dark"

myst_heading_anchors = 4
nb_execution_mode = "force" if os.environ.get("CHAINRULE_LIVE") else "off"
nb_execution_timeout = 120  # seconds for one cell
nb_execution_raise_on_error = True
nb_merge_streams = True

INSTALL = "%pip install -q chainrule"
EXAMPLE = re.compile(r"^```python\n(>>> .*?)^```\n", re.M | re.S)


def math(translator, node):
    """Write a formula as MathML, which browsers show without a script."""
    display = "block" if isinstance(node, nodes.math_block) else "inline"
    # The converter lays out align* alone, and only where it stands by itself.
    text = node.astext().replace(r"\displaystyle", "").replace("{aligned}", "{align*}")
    translator.body.append(convert(text, display=display))
    raise nodes.SkipNode


def run_button(pages_up, app, **query):
    """Return the link that opens JupyterLite."""
    address = f"{'../' * pages_up}lite/{app}/index.html?{urlencode(query, doseq=True)}"
    return f'<p class="run"><a href="{address}">Run this in your browser</a></p>'


def offer_examples(app, name, source):
    """Put a link below every example of the reference."""

    def with_link(match):
        examples = doctest.DocTestParser().get_examples(match[1])
        code = "".join(example.source for example in examples)
        link = run_button(1, "repl", kernel="python", code=[INSTALL, code])
        return f"{match[0]}\n{link}\n"

    if name in {"docs/autograd", "docs/nn"}:
        source[0] = EXAMPLE.sub(with_link, source[0])


def offer_notebook(app, name, template, context, doctree):
    """Put a link below the title of every notebook."""
    folder, _, stem = name.partition("/")
    if folder == "notebooks":
        link = run_button(1, "notebooks", path=f"{stem}.ipynb")
        context["body"] = context["body"].replace("</h1>", f"</h1>{link}", 1)


def setup(app):
    app.add_html_math_renderer("mathml", (math, None), (math, None))
    if os.environ.get("CHAINRULE_LITE"):
        app.connect("source-read", offer_examples)
        app.connect("html-page-context", offer_notebook)
