"""A drawing in a real browser, as a notebook shows it: a headless Chromium, driven by Playwright."""

import pytest
from test_drawing import HOSTILE, neuron

from autograd import Value, draw

pytestmark = pytest.mark.browser


@pytest.fixture
def show(chromium, tmp_path):
    """Opens an HTML text as a file and returns its tab; at the end nothing must have been complained of or asked for."""
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


def test_a_script_puts_the_page_in_the_place_of_the_image_with_the_finished_gradients(show):
    tab = show(draw(neuron())._repr_html_())
    assert tab.locator("img").count() == 0
    assert tab.locator("iframe").get_attribute("title") == "Computation graph of o = 0.7071"
    page = tab.frame_locator("iframe")
    assert page.locator("#count").inner_text() == "step 15 of 15, backward"
    page.locator("#first").click()
    assert page.locator("#count").inner_text() == "step 0 of 15, forward"


def test_without_scripts_the_image_is_shown_with_its_text_alternative(show):
    tab = show(draw(neuron())._repr_html_(), java_script_enabled=False)
    image = tab.get_by_role("img", name="Computation graph of o = 0.7071")
    assert image.bounding_box()["width"] > 600
    assert tab.locator("iframe").count() == 0


def test_no_label_does_anything(show):
    drawings = []
    for label in HOSTILE:
        y = Value(1.0, label) * 2
        y.label = label
        drawings.append(draw(y, highlight=y))
    tab = show("".join(drawing.svg + drawing._repr_html_() for drawing in drawings))
    assert tab.evaluate("document.querySelectorAll('script, b, iframe').length") == 0
    assert tab.locator("svg.autograd").count() == len(HOSTILE)


@pytest.mark.parametrize(
    ("scheme", "paper"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(13, 17, 23)")]
)
def test_light_and_dark(show, scheme, paper):
    tab = show(draw(neuron()).svg, color_scheme=scheme)
    assert tab.locator(".paper").evaluate("paper => getComputedStyle(paper).fill") == paper


def test_all_texts_of_a_box_lie_within_it(show):
    x = Value(-1.2345678e-300, "a label of some length")
    y = x * -123456789.0
    y.label = "another label, longer than a box may show"
    y.backward()
    tab = show(draw(y).svg)
    outside = tab.evaluate(
        """() => [...document.querySelectorAll("g[transform]:has(> .frame)")].flatMap(group => {
            const box = group.querySelector(".frame").getBoundingClientRect();
            return [...group.querySelectorAll("text")].filter(text => {
                const own = text.getBoundingClientRect();
                return own.left < box.left || own.right > box.right || own.top < box.top || own.bottom > box.bottom;
            }).map(text => text.textContent);
        })"""
    )
    assert outside == []
