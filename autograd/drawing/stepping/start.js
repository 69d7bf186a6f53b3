// The page begins with the finished picture, and what learns first is chosen.
size();
byId("scrub").max = engine.events.length;
byId("controls").hidden = false;
byId("descent").hidden = leaves.length === 0;
chosen = Math.max(...learning, -1) >= 0 ? Math.max(...learning) : root;
measure();
drawCourse();
go(linked() ?? engine.events.length);
fit();
// A frame may be given its size only now. Who zooms has the last word.
let fits = true;
let fitted = port.width;
new ResizeObserver(() => {
  lookAround();
  const changed = fitted !== port.width;
  fitted = port.width;
  if (changed && fits) fit();
  else paint();
}).observe(scroller);
for (const id of ["larger", "smaller", "fit"]) on(byId(id), "click", () => (fits = false));
// What is around says its theme, at first and when it changes; the style sheet knows only that of the system.
const themed = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).filter((rule) => rule.media?.mediaText.includes("prefers-color-scheme"));
const system = themed.map((rule) => rule.media.mediaText);
const wearTheme = (theme) => {
  const media = { dark: "screen", light: "not all" }[theme];
  document.documentElement.style.colorScheme = media ? theme : "";
  themed.forEach((rule, k) => (rule.media.mediaText = media ?? system[k]));
};
wearTheme(document.documentElement.dataset.theme);
on(window, "message", (event) => event.data?.theme && wearTheme(event.data.theme));
