"""The page and the animation in a real browser, with axe-core for accessibility."""

import math
import re

import pytest
from test_page import HOSTILE, chain_of, net, small

import nn
from autograd import PRIMITIVES, StepThrough, Value, log, relu, step_through, sum

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="no Playwright: pip install -e '.[browser]'"
)
axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="no axe-core: pip install -e '.[browser]'"
)

pytestmark = pytest.mark.browser


@pytest.fixture
def visit(chromium, tmp_path):
    """Opens a saved file and returns its tab. At the end nothing was complained of or asked for."""
    complaints, contexts = [], []

    def visit(root, groups=None, suffix="html", fragment="#step=0", names=None, **options):
        path = tmp_path / f"backprop.{suffix}"
        made = root if isinstance(root, StepThrough) else step_through(root, groups, names)
        made.save(path)
        contexts.append(
            chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        )
        tab = contexts[-1].new_page()
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("dialog", lambda dialog: complaints.append(dialog.message))
        tab.on(
            "request",
            lambda request: (
                complaints.append(request.url)
                if request.url.split("#")[0] != path.as_uri()
                else None
            ),
        )
        tab.goto(path.as_uri() + (fragment if suffix == "html" else ""))
        return tab

    yield visit
    for context in contexts:
        context.close()
    assert complaints == []


def line(tab):
    return tab.locator("#line").inner_text().replace("\N{MULTIPLICATION SIGN}", "x")


def count(tab):
    return int(re.match(r"step (\d+) of", tab.locator("#count").inner_text())[1])


def facts(tab):
    terms = tab.locator("#facts dt").all_inner_texts()
    return dict(zip(terms, tab.locator("#facts dd").all_inner_texts(), strict=True))


def test_the_final_gradients_are_those_of_backward_to_the_bit(visit):
    loss, groups = net(2, 3)
    tab = visit(loss, groups)
    tab.locator("#last").click()
    walked = step_through(loss, groups)._walk
    loss.backward()
    gradients = {
        name: value.grad
        for name, value, g in zip(walked.names, walked.order, walked.gradients, strict=True)
        if g is not None
    }
    told = tab.locator("tbody button").evaluate_all(
        """all => all.map(button => {
            button.click();
            const terms = [...document.querySelectorAll("dt")];
            const fact = term => terms.find(dt => dt.textContent === term).nextSibling.textContent;
            return [button.textContent, fact("gradient"), fact("check")];
        })"""
    )
    assert all("they agree" in check for _, _, check in told)
    assert {name: float(g) for name, g, _ in told if g != "not computed yet"} == {
        name: g for name, g in gradients.items() if name
    }
    assert len(told) > 30


def test_a_graph_of_every_row_of_the_table(visit):
    x, terms = Value(0.6, "x"), []
    for name, op in PRIMITIVES.items():
        operands = {1: [x], 2: [x, 0.5], 3: [x, 0.25, 0.75], None: [x, 2.0, 1.0, 1.0]}[op.arity]
        if name == "acosh":
            operands = [x + 1.0]
        if name == "sinc_slope":
            operands = [x, 2.0]
        terms.append(op.function(operands) if op.arity is None else op.function(*operands))
    loss = sum(terms)
    tab = visit(loss)
    tab.keyboard.press("End")
    tab.locator("tbody button", has_text=re.compile("^x$")).click()
    loss.backward()
    assert float(facts(tab)["gradient"]) == x.grad
    tab.locator("tbody button").evaluate_all("all => all.forEach(button => button.click())")


def test_every_step_says_what_it_does(visit):
    tab = visit(small())
    lines, remarks = [line(tab)], []
    while tab.locator("#next").get_attribute("aria-disabled") == "false":
        tab.locator("#next").click()
        lines.append(line(tab))
        remarks.append(tab.locator("#remark").inner_text())
    assert lines[0] == "Start"
    assert lines[1] == "t1 = w * x = 2 * -3 = -6"  # nodes in the order of their making
    assert "loss.grad = 1" in lines
    assert "t3.grad += local x upstream = 1 x 0.4128 = 0.4128 (not computed → 0.4128)" in lines
    assert [text for text in lines if text.startswith("w.grad")] == [
        "w.grad += local x upstream = 2 x 0.1 = 0.2 (not computed → 0.2)",
        "w.grad += local x upstream = 2 x 0.1 = 0.2 (0.2 → 0.4)",
        "w.grad += local x upstream = -3 x 0.2068 = -0.6205 (0.4 → -0.2205)",
    ]
    assert len([text for text in remarks if "This is use 3 of 3" in text]) == 1
    tab.locator(".boxes .leaf", has_text="w").first.click()
    assert facts(tab)["sum over uses"].endswith(" = -0.2205")
    assert facts(tab)["sum over uses"].count("through") == 3


def test_not_computed_differs_from_zero(visit):
    x, y = Value(-1.0, "x"), Value(2.0, "y")
    tab = visit(relu(x) + y)
    tab.keyboard.press("End")
    x_box = tab.locator(".boxes .leaf", has_text="x")
    assert "grad 0" in x_box.text_content()
    tab.keyboard.press("Home")
    assert "grad not yet" in x_box.text_content()
    assert "data not yet" in tab.locator(".boxes .operation").first.text_content()


def test_the_keyboard_steps_and_is_never_trapped(visit):
    tab = visit(small())
    steps = []
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "End", "ArrowRight", "Home", "ArrowLeft"):
        tab.keyboard.press(key)
        steps.append(count(tab))
    assert steps == [1, 2, 1, 21, 21, 0, 0]
    tab.locator("#scrub").focus()
    for key, step in (("ArrowRight", 1), ("End", 21), ("Home", 0)):
        tab.keyboard.press(key)
        assert count(tab) == step
    tab.locator("#first").focus()
    seen = []
    for _ in range(40):
        seen.append(tab.evaluate("document.activeElement.id || document.activeElement.tagName"))
        assert (
            tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            or seen[-1] == "BODY"
        )
        tab.keyboard.press("Tab")
    assert {
        "first",
        "back",
        "play",
        "next",
        "last",
        "skip",
        "speed",
        "smaller",
        "larger",
        "fit",
        "scrub",
        "scroll",
        "BUTTON",
    } <= set(seen)
    assert seen.count("first") >= 2 or "BODY" in seen  # round, or out of the page
    tab.locator("#next").focus()
    tab.keyboard.press("Enter")
    assert count(tab) == 1


def test_playing_is_silent_and_ends(visit):
    tab = visit(small())
    assert tab.locator("#caption").get_attribute("aria-live") == "polite"
    tab.locator("#speed").select_option("fast")
    tab.locator("#play").click()
    assert tab.locator("#caption").get_attribute("aria-live") == "off"
    assert tab.locator("#play").inner_text() == "Pause"
    tab.locator("#play").click()
    assert tab.locator("#caption").get_attribute("aria-live") == "polite"
    tab.locator("#scrub").fill("19")
    tab.locator("#play").click()
    sync_api.expect(tab.locator("#play")).to_have_text("Play")
    assert count(tab) == 21
    assert tab.locator("#caption").get_attribute("aria-live") == "polite"


def test_it_is_stepped_by_touch(visit):
    tab = visit(small(), has_touch=True, viewport={"width": 390, "height": 844})
    for button, step in (("next", 1), ("next", 2), ("back", 1), ("last", 21), ("first", 0)):
        tab.locator(f"#{button}").tap()
        assert count(tab) == step
    tab.locator("#scrub").tap()  # in the middle of it
    assert 9 <= count(tab) <= 12
    tab.locator(".boxes .operation.now, .boxes .leaf.now").tap()
    assert tab.locator("#node").is_visible()


def test_stretches_of_zero_can_be_skipped(visit):
    x, y = Value(-1.0, "x"), Value(2.0, "y")
    z = relu((x * 2.0) * 3.0) * 5.0 + y
    tab = visit(z)
    tab.locator("#skip").check()
    tab.locator("#last").click()
    tab.locator("#first").click()
    lines = []
    while tab.locator("#next").get_attribute("aria-disabled") == "false":
        tab.locator("#next").click()
        lines.append(line(tab))
    assert not any("= 0 (" in text for text in lines[:-1])
    assert len(lines) < 12


def test_a_link_leads_to_its_step(visit):
    tab = visit(small(), fragment="#step=9")
    assert count(tab) == 9
    tab.locator("#next").click()
    assert tab.url.endswith("#step=10")
    tab.evaluate("location.hash = '#step=3'")
    sync_api.expect(tab.locator("#count")).to_have_text(re.compile("^step 3 "))
    tab.evaluate("location.hash = '#nonsense'")
    assert count(tab) == 3


def shown(tab, selector):
    return tab.locator(selector).evaluate_all(
        "all => all.filter(one => !one.hasAttribute('hidden')).length"
    )


def test_groups_close_and_open(visit):
    loss, groups = net(1, 3)
    tab = visit(loss, groups)
    boxes = shown(tab, ".boxes > g")
    arrows = shown(tab, ".arrows path")
    tab.locator("summary").click()
    tab.locator("#close-all").click()
    assert shown(tab, ".boxes .group") == 3
    assert shown(tab, ".boxes > g") < boxes / 3
    assert shown(tab, ".arrows path") < arrows / 3
    tab.keyboard.press("ArrowRight")
    assert shown(tab, ".boxes .group.now") == 1
    tab.locator(".boxes .group", has_text="layers.1").click()
    assert shown(tab, ".boxes .group") == 2
    tab.locator(".boxes .leaf:not([hidden])").first.click()
    tab.locator("#close-group").click()
    assert tab.locator("#group-list input:checked").count() == 3
    tab.locator("#open-all").click()
    assert (shown(tab, ".boxes > g"), shown(tab, ".arrows path"), shown(tab, ".boxes .group")) == (
        boxes,
        arrows,
        0,
    )


def test_closed_boxes_never_overlap(visit):
    loss, groups = net(7, 12)
    tab = visit(loss, groups)
    for close in (None, "#close-all"):
        if close:
            tab.locator("summary").click()
            tab.locator("#group-list input").nth(1).uncheck()
        assert overlaps(tab) == []


def overlaps(tab):
    """The pairs of boxes that overlap on the screen."""
    frames = tab.locator(".boxes > g:not([hidden]) > :first-child").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect())"
        ".map(r => [r.left, r.top, r.right, r.bottom])"
    )
    return [
        (one, other)
        for i, one in enumerate(frames)
        for other in frames[:i]
        if one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
    ]


def tiny_gpt():
    """The loss of a GPT on two tokens, with four numbers for each."""
    model = nn.GPT(3, 4, 1, 1, 2, seed=1)
    with nn.trace(model) as t:
        loss = nn.cross_entropy([model([0, 1])], [[1, 2]])
    loss.label = "loss"
    return loss, t


@pytest.mark.parametrize(
    ("graph", "height"), [(tiny_gpt, 500), (lambda: net(7, 12), 900), (lambda: net(2, 5), 900)]
)
def test_what_is_folded_is_placed_anew_and_fits(visit, graph, height):
    tab = visit(*graph())
    assert shown(tab, ".boxes .group") > 0
    assert overlaps(tab) == []
    assert float(tab.locator("#graph").get_attribute("viewBox").split()[3]) < height
    paths = tab.locator(".arrows path:not([hidden])").evaluate_all(
        "all => all.map(one => one.getAttribute('d'))"
    )
    assert not any("NaN" in path or "undefined" in path for path in paths)
    tab.locator("summary").click()
    tab.locator("#open-all").click()
    assert overlaps(tab) == []
    opened = tab.locator("#graph").inner_html()
    tab.locator("#close-all").click()
    assert overlaps(tab) == []
    tab.locator("#open-all").click()
    assert tab.locator("#graph .arrows").inner_html() in opened


def test_a_large_group_opens_one_level(visit):
    tab = visit(*tiny_gpt())
    tab.locator(".boxes .group", has_text="heads.0").click()
    titles = "".join(tab.locator(".boxes .group:not([hidden])").all_text_contents())
    assert all(part in titles for part in ("query", "key", "weights", "value"))
    assert overlaps(tab) == []
    before = shown(tab, ".boxes .operation")
    tab.locator(".boxes .group", has_text="weights").click()
    assert shown(tab, ".boxes .operation") > before
    assert overlaps(tab) == []


@pytest.mark.parametrize(("scheme", "steps"), [("light", (0, 60)), ("dark", (60,))])
def test_accessibility(visit, scheme, steps):
    loss, groups = net(1, 3)
    tab = visit(loss, groups, color_scheme=scheme)
    for step in steps:
        tab.locator("#scrub").fill(str(step))
        if step:
            tab.locator(".boxes .leaf").first.click()
            tab.locator("summary").click()
            tab.locator("#group-list input").first.check()
        report = axe.Axe().run(
            tab,
            options={
                "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
            },
        )
        assert report.violations_count == 0, report.generate_report()


def test_at_400_percent_nothing_is_cut_off_and_targets_are_large(visit):
    loss, groups = net(1, 3)
    tab = visit(loss, groups, viewport={"width": 320, "height": 256})
    tab.locator("#next").click()
    tab.locator("summary").click()
    assert tab.evaluate("document.documentElement.scrollWidth") <= 320
    sizes = tab.locator("button, input, select, summary").evaluate_all(
        "all => all.filter(one => one.offsetParent).map(one => [one.offsetWidth, one.offsetHeight])"
    )
    assert len(sizes) > 20
    assert all(min(size) >= 24 for size in sizes)


def test_without_scripts_there_is_a_picture_and_a_table(visit):
    tab = visit(small(), java_script_enabled=False)
    assert tab.locator("noscript").is_visible()
    assert tab.locator("#graph").is_visible()
    assert not tab.locator("#controls").is_visible()
    assert "grad -0.2205" in tab.locator(".boxes").text_content()
    assert tab.locator("tbody tr").count() == 11


def test_print_shows_the_picture_and_the_table_only(visit):
    tab = visit(small())
    tab.emulate_media(media="print")
    assert not tab.locator("#play").is_visible()
    assert tab.locator("#graph").is_visible()
    assert tab.locator("table").is_visible()


def test_hostile_labels_run_nothing(visit):
    z, groups = Value(1.0), {}
    for label in HOSTILE:
        x = Value(2.0, label)
        z = z * x
        z.label = label
        groups[x] = groups[z] = (label, 0)
    tab = visit(z, groups)
    tab.keyboard.press("End")
    tab.locator("tbody button").evaluate_all("all => all.forEach(button => button.click())")
    tab.locator("summary").click()
    tab.locator("#close-all").click()
    assert shown(tab, ".boxes .group") == len(HOSTILE)
    assert tab.locator("img, iframe, object").count() == 0


def test_in_a_frame_without_an_origin(chromium, tmp_path):
    """As in a notebook: no history and no storage there."""
    shown = step_through(small())._repr_mimebundle_()[0]["text/html"]
    (tmp_path / "notebook.html").write_text(
        f"<!DOCTYPE html><title>Notebook</title>{shown}",
        encoding="utf-8",
    )
    tab = chromium.new_page()
    complaints = []
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto((tmp_path / "notebook.html").as_uri())
    frame = tab.frame_locator("iframe")
    assert (
        "(not computed → 0.4136)" in frame.locator("#line").inner_text()
    )  # it begins with the finished picture
    frame.locator("#first").click()
    assert frame.locator("#line").inner_text() == "Start"
    assert complaints == []
    tab.close()


def test_the_animation_moves_for_five_seconds_at_most_or_not_at_all(visit):
    ends = "document.getAnimations().map(animation => animation.effect.getComputedTiming().endTime)"
    moving = visit(small(), suffix="svg").evaluate(ends)
    assert len(moving) > 20
    assert max(moving) <= 5000
    still = visit(small(), suffix="svg", reduced_motion="reduce")
    assert still.evaluate(ends) == []
    assert still.evaluate(
        "[...document.querySelectorAll('.after')]"
        ".every(one => getComputedStyle(one).opacity === '1')"
    )
    assert still.evaluate(
        "[...document.querySelectorAll('.before')]"
        ".every(one => getComputedStyle(one).opacity === '0')"
    )


def test_what_comes_into_view_is_up_to_date(visit):
    tab = visit(chain_of(400), {})
    result = tab.locator(".boxes > .operation").last  # far to the right of where forward begins
    to_the_right = "one => one.scrollLeft = one.scrollWidth"
    tab.locator("#scroll").evaluate(to_the_right)
    sync_api.expect(result).to_contain_text("data not yet")
    tab.keyboard.press("End")
    tab.locator("#scroll").evaluate(to_the_right)
    sync_api.expect(result).to_contain_text("grad 1")
    tab.locator("#first").click()
    tab.locator("#scroll").evaluate("one => one.scrollLeft = 0")
    tab.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    sync_api.expect(result).to_contain_text("data not yet")


def data_in(tab, name):
    """The number in the table, four digits of it."""
    row = tab.locator("tbody tr", has=tab.locator("th", has_text=re.compile(f"^{name}$")))
    return row.locator("td").nth(1).inner_text()


def choose(tab, name):
    tab.locator("tbody button", has_text=re.compile(f"^{name}$")).click()


def test_the_finished_picture_is_the_first_frame(visit):
    tab = visit(small(), fragment="")
    assert count(tab) == 21
    assert "grad -0.2205" in tab.locator(".boxes").text_content()
    assert tab.title() == tab.locator("h1").inner_text() == "Backward through loss"
    assert tab.locator("#node").is_visible()


def test_everything_follows_a_number_that_is_typed(visit):
    tab = visit(small(), fragment="")
    choose(tab, "w")
    tab.locator("#value").fill("1.5")
    w, x, b = Value(1.5, "w"), Value(-3.0, "x"), Value(6.88, "b")
    loss = ((w * x + b).tanh() - 0.5) ** 2 + w * w * 0.1
    loss.backward()
    assert data_in(tab, "loss") == f"{loss.data:.4g}"
    assert facts(tab)["gradient"] == repr(w.grad)
    assert "they agree" in facts(tab)["check"]
    assert f"data {loss.data:.4g}" in tab.locator(".boxes .operation").last.text_content()
    tab.locator("#undo").click()
    assert data_in(tab, "loss") == "0.4426"
    choose(tab, "loss")
    assert facts(tab)["data"] == repr(small().data), "the same bits"


# Counts how often a measure of the picture's window is asked for: each time may
# make the browser lay the page out.
COUNT = """() => {
    const scroller = document.getElementById("scroll");
    window.asked = 0;
    for (const name of ["scrollLeft", "scrollTop", "clientWidth", "clientHeight"]) {
        const { get, set } = Object.getOwnPropertyDescriptor(Element.prototype, name);
        Object.defineProperty(scroller, name, {
            get: () => (window.asked++, get.call(scroller)),
            set: value => set.call(scroller, value),
        });
    }
    window.kept = [...document.querySelectorAll("#facts dd, #curve text, .boxes text")];
}"""


def test_an_edit_changes_texts_in_place_and_asks_for_no_measure(visit):
    loss, groups = net(1, 3)
    tab = visit(loss, groups)
    tab.locator("#last").click()
    tab.locator(".boxes .leaf:not([hidden])").first.click()
    tab.evaluate(COUNT)
    asked = tab.locator("#value").evaluate(
        """one => {
            window.asked = 0;
            one.value = "0.75";
            one.dispatchEvent(new Event("input"));
            return window.asked;
        }"""
    )
    assert asked == 0
    assert facts(tab)["data"] == "0.75"
    assert tab.evaluate("window.kept.every(one => one.isConnected)")


def test_a_long_table_follows_to_its_last_row(visit):
    tab = visit(chain_of(500), {})
    tab.locator("#last").click()
    rows = tab.locator("tbody tr")
    last = rows.last
    last.locator("button").click()
    before = rows.first.locator("td").nth(1).inner_text()
    tab.locator("#value").fill("3.25")
    sync_api.expect(last.locator("td").nth(1)).to_have_text("3.25")
    assert rows.first.locator("td").nth(1).inner_text() != before
    assert rows.count() > 300


def test_arrow_keys_and_dragging_change_a_leaf(visit):
    tab = visit(small(), fragment="")
    choose(tab, "x")
    tab.locator("#value").focus()
    for key, number in (("ArrowUp", "-2.9"), ("Shift+ArrowUp", "-1.9"), ("ArrowDown", "-2")):
        tab.keyboard.press(key)
        assert data_in(tab, "x") == number
    for _ in range(3):
        tab.locator("#undo").click()
    assert data_in(tab, "x") == "-3"
    box = tab.locator(".boxes .leaf", has_text="w").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tab.mouse.move(x, y)
    tab.mouse.down()
    tab.mouse.move(x + 20, y, steps=5)
    tab.mouse.move(x + 40, y, steps=5)
    tab.mouse.up()
    assert float(data_in(tab, "w")) == pytest.approx(3.0)  # 40 px at a quarter of 0.1 each
    tab.keyboard.press("ArrowUp")
    assert float(data_in(tab, "w")) == pytest.approx(3.1)
    tab.keyboard.press("Control+z")
    tab.keyboard.press("Control+z")
    assert data_in(tab, "w") == "2"  # one undo for a whole drag


def test_a_literal_can_be_changed_and_does_not_learn(visit):
    x = Value(2.0, "x")
    tab = visit(x * 3.0 + 1.0, fragment="")
    tab.locator(".boxes .literal").first.click()
    assert not tab.locator("#learns").is_visible()
    tab.locator("#value").fill("5")
    assert data_in(tab, "t2") in ("11", "11.0")
    assert "5" in tab.locator(".boxes .literal").first.text_content()


def test_steps_of_descent_are_those_of_python(visit):
    tab = visit(small(), fragment="")
    tab.locator("#rate").fill("-1")
    tab.locator("#descend").click()
    tab.locator("#descend-ten").click()
    assert "after 11 steps" in tab.locator("#losses").inner_text()
    leaves = {"w": 2.0, "x": -3.0, "b": 6.88}
    for _ in range(11):
        made = {name: Value(x, name) for name, x in leaves.items()}
        w, x, b = made.values()
        (((w * x + b).tanh() - 0.5) ** 2 + w * w * 0.1).backward()
        leaves = {name: v.data - 0.1 * v.grad for name, v in made.items()}
    for name, number in leaves.items():
        choose(tab, name)
        assert float(facts(tab)["data"]) == pytest.approx(number, rel=1e-12)
    tab.locator("#undo").click()
    assert "after 1 step;" in tab.locator("#losses").inner_text()
    tab.locator("#reset").click()
    assert data_in(tab, "loss") == "0.4426"


def test_what_learns_can_be_changed(visit):
    w, x = Value(2.0, "w"), Value(3.0, "x")
    tab = visit(w * x, fragment="", names={"w": w})
    choose(tab, "x")
    assert not tab.locator("#learns").is_checked()
    tab.locator("#descend").click()
    assert (data_in(tab, "w"), data_in(tab, "x")) == ("1.7", "3")
    tab.locator("#learns").check()
    tab.locator("#descend").click()
    assert data_in(tab, "x") == "2.83"


def test_a_number_outside_a_domain_is_told(visit):
    x = Value(2.0, "x")
    tab = visit(log(x), fragment="")
    choose(tab, "x")
    tab.locator("#value").fill("-1")
    assert line(tab) == "t1 = log(-1) is not defined"
    assert "x > 0" in tab.locator("#remark").inner_text()
    tab.locator("#undo").click()
    assert "not defined" not in line(tab)


def training_page():
    X, y = nn.data.moons(40, seed=1)
    return nn.training_page(nn.MLP(2, [4, 1], "tanh", seed=1), X, y, loss=nn.hinge)


FILLS = "all => all.map(r => getComputedStyle(r).fill)"


def test_it_trains_on_all_rows_and_draws_the_boundary(visit):
    tab = visit(training_page(), fragment="")
    before = tab.locator("#map rect").evaluate_all(FILLS)
    tab.locator("#epochs").click()
    text = tab.locator("#map-text")
    sync_api.expect(text).to_contain_text("After 20 epochs")
    after = tab.locator("#map rect").evaluate_all(FILLS)
    assert before != after
    tab.locator("#train").click()
    sync_api.expect(text).not_to_contain_text("After 20 epochs")
    assert tab.locator("#train").inner_text() == "Pause"
    tab.locator("#train").click()
    tab.locator("#row").select_option("3")
    choose(tab, "x1")
    assert float(facts(tab)["data"]) == nn.data.moons(40, seed=1)[0][3][0]
    tab.locator("#reset").click()
    sync_api.expect(text).to_contain_text("After 0 epochs")


def three_classes():
    """A training page of three classes that lie around the origin."""
    angles = [2.1 * (k % 3) + 0.2 * math.sin(k) for k in range(30)]
    X = [[math.cos(a), math.sin(a)] for a in angles]
    model = nn.MLP(2, [8, 3], "tanh", seed=1)
    return nn.training_page(model, X, [k % 3 for k in range(30)], loss=nn.cross_entropy)


def test_several_classes_have_a_colour_and_a_shape_each(visit):
    tab = visit(three_classes(), fragment="", color_scheme="dark")
    for _ in range(5):
        tab.locator("#epochs").click()
    text = tab.locator("#map-text")
    sync_api.expect(text).to_contain_text("30 of 30 rows have their class")
    assert len(set(tab.locator("#map rect").evaluate_all(FILLS))) == 3
    assert len(set(tab.locator("#map path").evaluate_all(FILLS))) == 3
    shapes = tab.locator("#map path").evaluate_all(
        "all => all.map(one => one.getAttribute('d').replace(/^M[^m]*/, ''))"
    )
    assert len(set(shapes)) == 3


def test_the_classes_look_as_in_the_charts_and_are_named(visit):
    tab = visit(training_page(), fragment="")
    shown = tab.locator("#map path").evaluate_all(
        "all => all.map(one => [getComputedStyle(one).fill, one.getAttribute('d').includes('a4')])"
    )
    blue, orange = ("rgb(5, 80, 174)", True), ("rgb(188, 76, 0)", False)  # circles are arcs
    y = nn.data.moons(40, seed=1)[1]
    assert [tuple(mark) for mark in shown] == [(blue, orange)[target] for target in y]
    sync_api.expect(tab.locator("#map-text")).to_contain_text(
        "The target of circles is 0, of triangles is 1."
    )


def test_targets_that_are_no_classes_are_named_by_their_range(visit):
    model = nn.MLP(1, [2, 1], "tanh", seed=1)
    page = nn.training_page(model, [[0.0], [1.0], [2.0]], [0.5, 3.0, 4.0], loss=nn.mse)
    sync_api.expect(visit(page, fragment="").locator("#map-text")).to_contain_text(
        "The target of circles is 0.5, of triangles is 3 to 4."
    )


@pytest.mark.parametrize("width", [1280, 390])
def test_a_page_that_trains_is_accessible(visit, width):
    tab = visit(training_page(), fragment="", viewport={"width": width, "height": 800})
    tab.locator("#epoch").click()
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    report = axe.Axe().run(tab)
    assert report.violations_count == 0, report.generate_report()


@pytest.mark.parametrize(
    ("light", "paper"), [("true", "rgb(255, 255, 255)"), ("false", "rgb(13, 17, 23)")]
)
def test_in_jupyterlab_it_has_its_theme(chromium, tmp_path, light, paper):
    shown = step_through(small())._repr_mimebundle_()[0]["text/html"]
    path = tmp_path / "lab.html"
    path.write_text(
        f"<!DOCTYPE html><title>Lab</title><body data-jp-theme-light={light}>{shown}",
        encoding="utf-8",
    )
    tab = chromium.new_page(color_scheme="dark" if light == "true" else "light")
    tab.goto(path.as_uri())
    frame = tab.frame_locator("iframe")
    frame.locator("#first").click()
    colour = "one => getComputedStyle(one).backgroundColor"
    assert frame.locator("body").evaluate(colour) == paper
    frame.locator("#next").click()
    tab.evaluate("light => { document.body.dataset.jpThemeLight = light === 'false'; }", light)
    sync_api.expect(frame.locator("body")).not_to_have_css("background-color", paper)
    assert frame.locator("#count").inner_text().startswith("step 1 ")  # nothing is lost
    tab.close()


def test_on_the_site_it_has_the_theme_that_is_chosen_there(chromium, tmp_path):
    shown = step_through(small())._repr_mimebundle_()[0]["text/html"]
    path = tmp_path / "site.html"
    path.write_text(
        f"<!DOCTYPE html><title>Site</title><body data-theme=auto>{shown}", encoding="utf-8"
    )
    tab = chromium.new_page(color_scheme="dark")
    tab.goto(path.as_uri())
    body = sync_api.expect(tab.frame_locator("iframe").locator("body"))
    for theme, paper in (
        ("auto", "rgb(13, 17, 23)"),
        ("light", "rgb(255, 255, 255)"),
        ("dark", "rgb(13, 17, 23)"),
    ):
        tab.evaluate("theme => { document.body.dataset.theme = theme; }", theme)
        body.to_have_css("background-color", paper)
    tab.evaluate("() => { document.body.dataset.theme = 'auto'; }")
    tab.emulate_media(color_scheme="light")
    body.to_have_css("background-color", "rgb(255, 255, 255)")
    tab.close()
