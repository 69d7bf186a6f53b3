// Training on all rows, and the map of what the model says of two inputs.
const { inputs, target, outputs, threshold, rows: table } = graph.training;
const placed = [...inputs, target];
const CELLS = 32; // of the map, across
let running = null;
let row = 0;
const bounds = [0, 1].map((k) => {
  const values = table.map((numbers) => numbers[Math.min(k, inputs.length - 1)]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = (high - low || 1) * 0.15;
  return [low - margin, high + margin];
});
const targets = table.map((numbers) => numbers[inputs.length]);
const middle = (Math.min(...targets) + Math.max(...targets)) / 2;
const classOf = (target) => (outputs.length > 1 ? target : Number(target > middle));
// What the model says: a class, and how far the next one is.
const said = (changed) => {
  const numbers = outputs.map((output) => engine.numberIf(changed, output));
  if (numbers.length === 1) return [Number(numbers[0] > threshold), Math.abs(numbers[0] - threshold)];
  const top = Math.max(...numbers);
  const best = numbers.indexOf(top);
  return [Math.max(0, best), top - Math.max(...numbers.filter((_, k) => k !== best))];
};
const SIDE = 256;
const LEFT = 18;
const map = byId("map");
const squares = Array.from({ length: CELLS * CELLS }, (_, k) => {
  const size = SIDE / CELLS;
  return makeSvg("rect", { x: LEFT + (k % CELLS) * size, y: Math.floor(k / CELLS) * size, width: size, height: size, "shape-rendering": "crispEdges" }, map);
});
const across = (x) => LEFT + (SIDE * (x - bounds[0][0])) / (bounds[0][1] - bounds[0][0]);
const down = (y) => SIDE - (SIDE * (y - bounds[1][0])) / (bounds[1][1] - bounds[1][0]);
// The marks of the classes, in the order of nn.plots: their names and outlines.
const MARKS = [["circles", "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0"], ["triangles", "m0 -5l5 9h-10z"], ["squares", "m-4 -4h8v8h-8z"], ["diamonds", "m0 -6l6 6l-6 6l-6 -6z"], ["triangles that point down", "m0 5l-5 -9h10z"], ["crosses", "m-2 -6h4v4h4v4h-4v4h-4v-4h-4v-4h4z"]];
const points = table.map((numbers, k) => {
  const [x, y] = [across(numbers[0]), down(numbers[Math.min(1, inputs.length - 1)])];
  const kind = classOf(targets[k]);
  const point = makeSvg("path", { class: `class${kind}`, d: `M${x.toFixed(1)} ${y.toFixed(1)}${MARKS[kind][1]}` }, map);
  on(point, "click", () => take(k));
  return point;
});
const legend = MARKS.flatMap(([mark], kind) => {
  const own = targets.filter((target) => classOf(target) === kind);
  const [low, high] = [Math.min(...own), Math.max(...own)];
  return own.length ? `${mark} is ${number(low)}${high > low ? ` to ${number(high)}` : ""}` : [];
}).join(", of ");
const mapText = (content, x, y, anchor) => {
  makeSvg("text", { x, y, "text-anchor": anchor, "font-size": 12, "font-family": "system-ui, sans-serif", fill: looks.text[0] }, map).textContent = content;
};
mapText(names[inputs[0]], LEFT + SIDE / 2, SIDE + 16, "middle");
mapText(names[inputs[Math.min(1, inputs.length - 1)]], 2, 12, "start");
const meanLoss = () => {
  let sum = 0;
  let right = 0;
  table.forEach((numbers, k) => {
    const changed = new Map(placed.map((i, at) => [i, numbers[at]]));
    right += Number(said(changed)[0] === classOf(targets[k]));
    sum += engine.numberIf(changed);
  });
  return [sum / table.length, right];
};
const drawMap = () => {
  squares.forEach((square, k) => {
    const x = bounds[0][0] + ((bounds[0][1] - bounds[0][0]) * ((k % CELLS) + 0.5)) / CELLS;
    const y = bounds[1][1] - ((bounds[1][1] - bounds[1][0]) * (Math.floor(k / CELLS) + 0.5)) / CELLS;
    const [kind, far] = said(new Map(inputs.map((i, at) => [i, at === 0 ? x : at === 1 ? y : data[i]])));
    put(square, "class", `class${kind}`);
    put(square, "fill-opacity", (0.12 + 0.45 * Math.min(1, far)).toFixed(2));
  });
  points.forEach((point, k) => put(point, "class", `class${classOf(targets[k])}${k === row ? " shown" : ""}`));
  const [loss, right] = meanLoss();
  plot(byId("epoch-curve"), [...trained, loss].map((mean, k) => [k, mean]), "epochs");
  const count = trained.length === 1 ? "1 epoch" : `${trained.length} epochs`;
  say("map-text", `After ${count} the mean loss is ${number(loss)}; ${right} of ${table.length} rows ${outputs.length > 1 ? "have their class" : `are on their side of ${number(threshold)}`}. The target of ${legend}.`);
};
const take = (k) => {
  row = k;
  byId("row").value = String(k);
  placed.forEach((i, at) => (data[i] = table[k][at]));
  engine.recompute();
  course = start();
  refresh();
};
const run = (count) => {
  const means = Array.from({ length: count }, () => engine.epoch(placed, table, [...learning], rate()));
  trained = [...trained, ...means];
  engine.tell();
  course = start();
  refresh();
};
const train = (count) => {
  remembered();
  run(count);
};
const stop = () => {
  cancelAnimationFrame(running);
  running = null;
  byId("train").textContent = "Train";
};
const onward = () => {
  run(2);
  running = requestAnimationFrame(onward);
};
on(byId("train"), "click", () => {
  if (running !== null) return stop();
  remembered();
  byId("train").textContent = "Pause";
  running = requestAnimationFrame(onward);
});
on(byId("epoch"), "click", () => train(1));
on(byId("epochs"), "click", () => train(20));
on(byId("row"), "change", () => take(Number(byId("row").value)));
table.forEach((numbers, k) => {
  make("option", `${k}: ${numbers.slice(0, -1).map(number).join(", ")} → ${number(numbers[inputs.length])}`, byId("row")).value = String(k);
});
row = Math.max(0, table.findIndex((numbers) => placed.every((i, k) => data[i] === numbers[k])));
byId("row").value = String(row);
byId("training").hidden = placed.some((i) => fixed[i]);
afterRefresh.push(drawMap);
drawMap();
