// Training on all rows, and the map of what the model says of two inputs.
const { inputs, target, output, threshold, rows: table } = graph.training;
const placed = [...inputs, target];
const CELLS = 28; // of the map, across
let running = null;
let row = 0;
const bounds = [0, 1].map((k) => {
  const values = table.map((numbers) => numbers[Math.min(k, inputs.length - 1)]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = (high - low || 1) * 0.15;
  return [low - margin, high + margin];
});
const outputAt = (x, y) => engine.numberIf(new Map(inputs.map((i, k) => [i, k === 0 ? x : k === 1 ? y : data[i]])), output);
const targets = table.map((numbers) => numbers[inputs.length]);
const middle = (Math.min(...targets) + Math.max(...targets)) / 2;
const SIDE = 256;
const LEFT = 18;
const map = byId("map");
const squares = Array.from({ length: CELLS * CELLS }, (_, k) => {
  const size = SIDE / CELLS;
  return makeSvg("rect", { x: LEFT + (k % CELLS) * size, y: Math.floor(k / CELLS) * size, width: size, height: size, "shape-rendering": "crispEdges" }, map);
});
const across = (x) => LEFT + (SIDE * (x - bounds[0][0])) / (bounds[0][1] - bounds[0][0]);
const down = (y) => SIDE - (SIDE * (y - bounds[1][0])) / (bounds[1][1] - bounds[1][0]);
const points = table.map((numbers, k) => {
  const [x, y] = [across(numbers[0]), down(numbers[Math.min(1, inputs.length - 1)])];
  const upper = numbers[inputs.length] > middle;
  const shape = upper ? { d: `M${x - 4} ${y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0` } : { d: `M${x - 4} ${y - 4}h8v8h-8z` };
  const point = makeSvg("path", { ...shape, fill: looks[upper ? "positive bar" : "negative bar"][0], stroke: looks.later[0], "stroke-width": 1.5 }, map);
  on(point, "click", () => take(k));
  return point;
});
const mapText = (content, x, y, anchor) => {
  makeSvg("text", { x, y, "text-anchor": anchor, "font-size": 12, "font-family": "system-ui, sans-serif", fill: looks.text[0] }, map).textContent = content;
};
mapText(names[inputs[0]], LEFT + SIDE / 2, SIDE + 16, "middle");
mapText(names[inputs[Math.min(1, inputs.length - 1)]], 2, 12, "start");
const meanLoss = () => {
  let sum = 0;
  let right = 0;
  for (const numbers of table) {
    const changed = new Map(placed.map((i, k) => [i, numbers[k]]));
    sum += engine.numberIf(new Map(changed));
    right += engine.numberIf(changed, output) > threshold === numbers[inputs.length] > middle;
  }
  return [sum / table.length, right];
};
const drawMap = () => {
  const [low, high] = [looks["negative bar"][0], looks["positive bar"][0]];
  squares.forEach((square, k) => {
    const x = bounds[0][0] + ((bounds[0][1] - bounds[0][0]) * ((k % CELLS) + 0.5)) / CELLS;
    const y = bounds[1][1] - ((bounds[1][1] - bounds[1][0]) * (Math.floor(k / CELLS) + 0.5)) / CELLS;
    const z = outputAt(x, y) - threshold;
    put(square, "fill", z > 0 ? high : low);
    put(square, "fill-opacity", (0.12 + 0.45 * Math.min(1, Math.abs(z))).toFixed(2));
  });
  points.forEach((point, k) => put(point, "stroke", k === row ? looks.now[1] : looks.later[0]));
  const [loss, right] = meanLoss();
  plot(byId("epoch-curve"), [...trained, loss].map((mean, k) => [k, mean]), "epochs");
  say("map-text", `After ${trained.length} epochs the mean loss is ${number(loss)}; ${right} of ${table.length} rows are on their side of ${number(threshold)}.`);
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
