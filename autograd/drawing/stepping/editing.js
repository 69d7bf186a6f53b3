// A number changed: typed, dragged, or by arrow keys. A step of descent. Undo.
const learning = new Set(graph.learning.filter((i) => !fixed[i]));
const leaves = names.map((_, i) => i).filter((i) => !isResult(i) && !fixed[i]);
const start = () => [[0, data[root]]];
let course = start(); // [steps so far, loss]: of an edit the same steps twice
let trained = []; // the mean loss at the start of each epoch
const past = []; // what there was before each change: the leaves' numbers and the course
const SLICE = 100; // rows of the table that a browser brings up to date within a frame; those of a longer one follow a moment later
let later = null;
const tabled = [...cells.keys()];
const fillTable = (from) => {
  for (const i of tabled.slice(from, from + SLICE)) {
    const row = cells.get(i);
    if (parents[i].some(isLiteral)) put(row[1], "text", shortened(withNames(i)));
    put(row[2], "text", number(data[i]));
    put(row[3], "text", gradientNumber(engine.gradients[i]));
  }
  if (from + SLICE < tabled.length) later = setTimeout(() => fillTable(from + SLICE), 20);
};
const refresh = () => {
  const atEnd = step >= Number(byId("scrub").max);
  measure();
  step = atEnd ? engine.events.length : Math.min(step, engine.events.length);
  byId("scrub").max = engine.events.length;
  let at = 0;
  if (numberTexts.length > 0) edges.forEach(([, i, k]) => local[i][k] !== null && put(numberTexts[at++], "text", number(local[i][k])));
  clearTimeout(later);
  if (tabled.length > SLICE) later = setTimeout(() => fillTable(0), 100);
  else fillTable(0);
  drawCourse();
  show();
  for (const after of afterRefresh) after();
};
const afterRefresh = []; // what else follows a change
const shortened = (text) => (text.length > 60 ? `${text.slice(0, 31)}…${text.slice(-28)}` : text);
const remembered = () => past.push([leaves.map((i) => data[i]), course, trained]);
const changeTo = (i, x, goesOn) => {
  if (fixed[i] || !Number.isFinite(x) || Object.is(x, data[i])) return;
  if (!goesOn) {
    remembered();
    const last = course[course.length - 1][0];
    course = [...(last === 0 ? [] : course), [last, NaN]];
  }
  data[i] = x;
  engine.recompute();
  course[course.length - 1][1] = data[root];
  refresh();
};
const restore = (numbers, before, epochs) => {
  leaves.forEach((i, k) => (data[i] = numbers[k]));
  course = before;
  trained = epochs;
  engine.recompute();
  refresh();
};
const undo = () => past.length > 0 && restore(...past.pop());
const reset = () => {
  remembered();
  const numbers = leaves.map((i) => engine.given[i]);
  restore(numbers, [[0, engine.given[root]]], []);
};
const rate = () => Number((10 ** Number(byId("rate").value)).toPrecision(2));
const descend = (steps) => {
  remembered();
  const before = course[course.length - 1][0];
  const losses = engine.descend([...learning], rate(), steps);
  course = [...course, ...losses.map((loss, k) => [before + k + 1, loss])];
  refresh();
};

// The loss over the steps, with axes.
const plot = (element, points, title) => {
  let at = 0;
  const mark = (tag, attributes) => {
    const old = element.children[at++];
    const one = old?.tagName === tag ? old : makeSvg(tag, {}, element);
    if (old && old !== one) old.replaceWith(one);
    for (const name in attributes) put(one, name, String(attributes[name]));
  };
  const [left, right, top, bottom] = [86, 274, 14, 108];
  const finite = points.filter(([, y]) => Number.isFinite(y));
  const last = Math.max(1, ...points.map(([x]) => x));
  let [low, high] = [Math.min(...finite.map(([, y]) => y)), Math.max(...finite.map(([, y]) => y))];
  if (finite.length === 0) [low, high] = [0, 1];
  if (low === high) [low, high] = [low - Math.abs(low || 1) / 2, high + Math.abs(high || 1) / 2];
  const placeOf = ([x, y]) => `${(left + ((right - left) * x) / last).toFixed(1)} ${(bottom - ((bottom - top) * (y - low)) / (high - low)).toFixed(1)}`;
  const text = (content, x, y, anchor) => mark("text", { x, y, "text-anchor": anchor, "font-size": 12, "font-family": "system-ui, sans-serif", fill: looks.text[0], text: content });
  mark("path", { d: `M${left} ${top}V${bottom}H${right}M${left - 4} ${top}h4M${left - 4} ${bottom}h4M${right} ${bottom}v4`, fill: "none", stroke: looks.line[1] });
  if (finite.length === 1) text(number(finite[0][1]), left - 7, (top + bottom) / 2 + 4, "end");
  else [[high, top], [low, bottom]].forEach(([y, height]) => text(number(y), left - 7, height + 4, "end"));
  text("0", left, bottom + 17, "middle");
  text(String(last), right + 5, bottom + 17, "end");
  text(title, (left + right) / 2, bottom + 17, "middle");
  if (finite.length > 1) mark("path", { d: `M${finite.map(placeOf).join("L")}`, fill: "none", stroke: looks["positive line"][1], "stroke-width": 2 });
  if (finite.length > 0) {
    const [cx, cy] = placeOf(finite[finite.length - 1]).split(" ");
    mark("circle", { cx, cy, r: 3.5, fill: looks["positive bar"][0] });
  }
  while (element.children.length > at) element.lastChild.remove();
};
const drawCourse = () => {
  const [steps, loss] = course[course.length - 1];
  plot(byId("curve"), course, "steps");
  const first = engine.given[root];
  const when = steps === 0 ? "" : ` after ${steps} ${steps === 1 ? "step" : "steps"}`;
  say("losses", `${names[root]} = ${number(loss)}${when}${loss === first && steps === 0 ? "" : `; ${number(first)} at the start`}`);
  put(byId("undo"), "aria-disabled", String(past.length === 0));
  say("rate-text", number(rate()));
  const some = [...learning].sort((a, b) => b - a).map((i) => names[i]);
  const few = some.length > 4 ? `the ${some.length} leaves that learn` : some.join(", ");
  say("rule", `p ← p − rate × p.grad, for ${few || "nothing: tick a leaf that learns"}`);
};

// What can be edited of a chosen node.
const editable = (i) => {
  byId("edit").hidden = isResult(i);
  if (isResult(i)) return say("why", "");
  const frozen = fixed[i] ? engine.frozenBy(i) : null;
  if (document.activeElement !== byId("value")) byId("value").value = String(data[i]);
  byId("value").disabled = fixed[i];
  byId("learns").parentElement.hidden = isLiteral(i);
  byId("learns").checked = learning.has(i);
  byId("learns").disabled = fixed[i];
  say("why", frozen === null ? "Type, press the arrow keys, or drag its box sideways." : `It cannot be changed here: ${names[frozen]} depends on it by ${rule(frozen).name}, and ${graph.reasons[graph.row[frozen]]}.`);
};
const size1 = (x) => 10 ** Math.floor(Math.log10(Math.max(0.1, Math.abs(x)))) / 10; // one in the second digit
on(byId("value"), "input", () => byId("value").value !== "" && changeTo(chosen, Number(byId("value").value)));
on(document, "keydown", (event) => {
  const up = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  const here = event.target === byId("value") || (chosen !== null && event.target === boxes[chosen]);
  if (!up || !here || isResult(chosen)) return;
  event.preventDefault();
  changeTo(chosen, Number((data[chosen] + up * size1(data[chosen]) * (event.shiftKey ? 10 : 1)).toPrecision(12)));
  byId("value").value = String(data[chosen]);
});
on(document, "keydown", (event) => {
  if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || event.target.closest("input")) return;
  event.preventDefault();
  undo();
});
leaves.forEach((i) => {
  let from = null;
  kinds[i] += " live";
  set(boxes[i], "tabindex", "-1");
  on(boxes[i], "pointerdown", (event) => {
    from = { at: event.clientX, x: data[i], by: size1(data[i]) / 4, moved: false };
  });
  on(boxes[i], "pointermove", (event) => {
    if (from === null || (!from.moved && Math.abs(event.clientX - from.at) < 4)) return;
    if (!from.moved) boxes[i].setPointerCapture(event.pointerId);
    const x = Number((from.x + (event.clientX - from.at) * from.by).toPrecision(6));
    if (!from.moved) chosen = i;
    changeTo(i, x, from.moved);
    from.moved = true;
  });
  for (const end of ["pointerup", "pointercancel"]) on(boxes[i], end, () => (from = null));
  on(boxes[i], "click", () => boxes[i].focus({ preventScroll: true }));
});
on(byId("learns"), "change", () => {
  if (byId("learns").checked) learning.add(chosen);
  else learning.delete(chosen);
  drawCourse();
});
on(byId("descend"), "click", () => descend(1));
on(byId("descend-ten"), "click", () => descend(10));
on(byId("undo"), "click", undo);
on(byId("reset"), "click", reset);
on(byId("rate"), "input", drawCourse);
