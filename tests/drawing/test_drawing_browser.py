"""A drawing in a real browser, as a notebook shows it: a headless Chromium,
driven by Playwright.
"""

import pytest
from test_drawing import HOSTILE, neuron

from autograd import Value, draw
from autograd.drawing.raster import image_tag

pytestmark = pytest.mark.browser


@pytest.fixture
def show(chromium, tmp_path):
    """Opens an HTML text as a file and returns its tab; at the end nothing must
    have been complained of or asked for.
    """
    complaints = []

    def show(html, **options):
        path = tmp_path / "cell.html"
        path.write_text(
            f'<!DOCTYPE html><meta charset="utf-8"><title>cell</title>{html}', encoding="utf-8"
        )
        tab = chromium.new_context(**options).new_page()
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("dialog", lambda dialog: complaints.append(dialog.message))
        tab.on(
            "request",
            lambda request: (
                complaints.append(request.url)
                if not request.url.startswith(("data:", path.as_uri()))
                else None
            ),
        )
        tab.goto(path.as_uri())
        return tab

    yield show
    assert complaints == []


def image(drawing):
    """What a notebook without resvg-py is given."""
    return image_tag(drawing.svg, f"{drawing._picture.title}. {drawing._picture.description}")


def test_without_scripts_the_image_is_shown_with_its_text_alternative(show):
    tab = show(image(draw(neuron())), java_script_enabled=False)
    shown = tab.get_by_role("img", name="Computation graph of o = 0.7071")
    assert shown.bounding_box()["width"] > 600
    assert tab.locator("iframe").count() == 0


def test_no_label_does_anything(show):
    drawings = []
    for label in HOSTILE:
        y = Value(1.0, label) * 2
        y.label = label
        drawings.append(draw(y, highlight=y))
    tab = show("".join(drawing.svg + image(drawing) for drawing in drawings))
    assert tab.evaluate("document.querySelectorAll('script, b, iframe').length") == 0
    assert tab.locator("svg.autograd").count() == len(HOSTILE)


@pytest.mark.parametrize(
    ("scheme", "paper"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(13, 17, 23)")]
)
def test_light_and_dark(show, scheme, paper):
    tab = show(draw(neuron()).svg, color_scheme=scheme)
    assert tab.locator("rect").first.evaluate("paper => getComputedStyle(paper).fill") == paper


def test_all_texts_of_a_box_lie_within_it(show):
    x = Value(-1.2345678e-300, "a label of some length")
    y = x * -123456789.0
    y.label = "another label, longer than a box may show"
    y.backward()
    tab = show(draw(y).svg)
    outside = tab.evaluate(
        """() => [...document.querySelectorAll("g[class][transform]")].flatMap(group => {
            const box = group.querySelector("rect").getBoundingClientRect();
            return [...group.querySelectorAll("text")].filter(text => {
                const own = text.getBoundingClientRect();
                return own.left < box.left || own.right > box.right
                    || own.top < box.top || own.bottom > box.bottom;
            }).map(text => text.textContent);
        })"""
    )
    assert outside == []
