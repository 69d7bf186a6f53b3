// A number changed: typed, dragged, or by arrow keys. A step of descent. Undo.
const learning = new Set(graph.learning.filter((i) => !fixed[i]));
const leaves = names.map((_, i) => i).filter((i) => !isResult(i) && !fixed[i]);
const start = () => [[0, data[root]]];
let course = start(); // [steps so far, loss]: of an edit the same steps twice
let trained = []; // the mean loss at the start of each epoch
const past = []; // what there was before each change: the leaves' numbers and the course
const LONG_TABLE = 300; // rows; a longer one follows a moment later, for it takes a browser longer than a frame
let later = null;
const fillTable = () => {
  cells.forEach((row, i) => {
    if (parents[i].some(isLiteral)) put(row[1], "text", shortened(withNames(i)));
    put(row[2], "text", number(data[i]));
    put(row[3], "text", gradientNumber(engine.gradients[i]));
  });
};
const refresh = () => {
  const atEnd = step >= Number(byId("scrub").max);
  measure();
  step = atEnd ? engine.events.length : Math.min(step, engine.events.length);
  byId("scrub").max = engine.events.length;
  let at = 0;
  if (numberTexts.length > 0) edges.forEach(([, i, k]) => local[i][k] !== null && put(numberTexts[at++], "text", number(local[i][k])));
  clearTimeout(later);
  if (cells.size > LONG_TABLE) later = setTimeout(fillTable, 100);
  else fillTable();
  drawCourse();
  show();
  for (const after of afterRefresh) after();
};
const afterRefresh = []; // what else follows a change
const shortened = (text) => (text.length > 60 ? `${text.slice(0, 31)}…${text.slice(-28)}` : text);
const remembered = () => past.push([leaves.map((i) => data[i]), course, trained]);
const changeTo = (i, x, goesOn) => {
  if (fixed[i] || !Number.isFinite(x) || x === data[i]) return;
  if (!goesOn) {
    remembered();
    course = [...course, [course[course.length - 1][0], NaN]];
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
  element.replaceChildren();
  const [left, right, top, bottom] = [78, 274, 14, 108];
  const finite = points.filter(([, y]) => Number.isFinite(y));
  const last = Math.max(1, ...points.map(([x]) => x));
  let [low, high] = [Math.min(...finite.map(([, y]) => y)), Math.max(...finite.map(([, y]) => y))];
  if (finite.length === 0) [low, high] = [0, 1];
  if (low === high) [low, high] = [low - Math.abs(low || 1) / 2, high + Math.abs(high || 1) / 2];
  const at = ([x, y]) => `${(left + ((right - left) * x) / last).toFixed(1)} ${(bottom - ((bottom - top) * (y - low)) / (high - low)).toFixed(1)}`;
  const text = (content, x, y, anchor) => {
    makeSvg("text", { x, y, "text-anchor": anchor, "font-size": 12, "font-family": "system-ui, sans-serif", fill: looks.text[0] }, element).textContent = content;
  };
  makeSvg("path", { d: `M${left} ${top}V${bottom}H${right}M${left - 4} ${top}h4M${left - 4} ${bottom}h4M${right} ${bottom}v4`, fill: "none", stroke: looks.line[1] }, element);
  text(number(high), left - 7, top + 4, "end");
  text(number(low), left - 7, bottom + 4, "end");
  text("0", left, bottom + 17, "middle");
  text(String(last), right + 5, bottom + 17, "end");
  text(title, (left + right) / 2, bottom + 17, "middle");
  if (finite.length > 1) makeSvg("path", { d: `M${finite.map(at).join("L")}`, fill: "none", stroke: looks["positive line"][1], "stroke-width": 2 }, element);
  if (finite.length > 0) {
    const [cx, cy] = at(finite[finite.length - 1]).split(" ");
    makeSvg("circle", { cx, cy, r: 3.5, fill: looks["positive bar"][0] }, element);
  }
};
const drawCourse = () => {
  const [steps, loss] = course[course.length - 1];
  plot(byId("curve"), course, "steps");
  const first = course[0][1];
  put(byId("losses"), "text", course.length > 1 ? `${names[root]} = ${number(loss)} after ${steps} ${steps === 1 ? "step" : "steps"}; ${number(first)} at the start` : `${names[root]} = ${number(loss)}`);
  put(byId("undo"), "aria-disabled", String(past.length === 0));
  put(byId("rate-text"), "text", number(rate()));
  const some = [...learning].sort((a, b) => b - a).map((i) => names[i]);
  const few = some.length > 4 ? `the ${some.length} leaves that learn` : some.join(", ");
  put(byId("rule"), "text", `p ← p − rate × p.grad, for ${few || "nothing: tick a leaf that learns"}`);
};

// What can be edited of a chosen node.
const editable = (i) => {
  byId("edit").hidden = isResult(i);
  if (isResult(i)) return put(byId("why"), "text", "");
  const frozen = fixed[i] ? engine.frozenBy(i) : null;
  if (document.activeElement !== byId("value")) byId("value").value = String(data[i]);
  byId("value").disabled = fixed[i];
  byId("learns").parentElement.hidden = isLiteral(i);
  byId("learns").checked = learning.has(i);
  byId("learns").disabled = fixed[i];
  put(byId("why"), "text", frozen === null ? "Type, press the arrow keys, or drag its box sideways." : `It cannot be changed here: ${names[frozen]} depends on it by ${rule(frozen).name}, and ${graph.reasons[graph.row[frozen]]}.`);
};
const size1 = (x) => 10 ** Math.floor(Math.log10(Math.max(0.1, Math.abs(x)))) / 10; // one in the second digit
byId("value").addEventListener("input", () => byId("value").value !== "" && changeTo(chosen, Number(byId("value").value)));
document.addEventListener("keydown", (event) => {
  const up = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  const here = event.target === byId("value") || (chosen !== null && event.target === boxes[chosen]);
  if (!up || !here || isResult(chosen)) return;
  event.preventDefault();
  changeTo(chosen, Number((data[chosen] + up * size1(data[chosen]) * (event.shiftKey ? 10 : 1)).toPrecision(12)));
  byId("value").value = String(data[chosen]);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || event.target.closest("input")) return;
  event.preventDefault();
  undo();
});
leaves.forEach((i) => {
  let from = null;
  kinds[i] += " live";
  boxes[i].setAttribute("tabindex", "-1");
  boxes[i].addEventListener("pointerdown", (event) => {
    from = { at: event.clientX, x: data[i], by: size1(data[i]) / 4, moved: false };
  });
  boxes[i].addEventListener("pointermove", (event) => {
    if (from === null || (!from.moved && Math.abs(event.clientX - from.at) < 4)) return;
    if (!from.moved) boxes[i].setPointerCapture(event.pointerId);
    const x = Number((from.x + (event.clientX - from.at) * from.by).toPrecision(6));
    if (!from.moved) chosen = i;
    changeTo(i, x, from.moved);
    from.moved = true;
  });
  for (const end of ["pointerup", "pointercancel"]) boxes[i].addEventListener(end, () => (from = null));
  boxes[i].addEventListener("click", () => boxes[i].focus({ preventScroll: true }));
});
byId("learns").addEventListener("change", () => {
  if (byId("learns").checked) learning.add(chosen);
  else learning.delete(chosen);
  drawCourse();
});
byId("descend").addEventListener("click", () => descend(1));
byId("descend-ten").addEventListener("click", () => descend(10));
byId("undo").addEventListener("click", undo);
byId("reset").addEventListener("click", reset);
byId("rate").addEventListener("input", drawCourse);
