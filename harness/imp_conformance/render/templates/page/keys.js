// The keyboard in the table: one cell is in the tab order, arrow keys move which one.

const HEAD = "targets";
let spot = { key: HEAD, place: 1 }; // the row, and the place in it: 0 is its head, 1 its first target

function lineKeys() {
  return [HEAD, ...lines.map((row) => row.key)];
}

function lineElement(key) {
  return key === HEAD ? grid.querySelector("tr.targets") : rows.get(key)?.tr;
}

function spotElement({ key, place }) {
  const row = rows.get(key);
  if (row) fill(row);
  const part = lineElement(key)?.children[place];
  return part?.querySelector("a, button") ?? part;
}

function settle(next) {
  grid.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
  const last = choice.columns.length;
  spot = { key: lineElement(next.key) && (next.key === HEAD || rows.get(next.key).shown) ? next.key : HEAD, place: Math.max(0, Math.min(next.place, last)) };
  if (spot.key === HEAD && spot.place === 0) spot.place = 1;
  const element = spotElement(spot);
  element?.setAttribute("tabindex", "0");
  return element;
}

function move(next) {
  const element = settle(next);
  element?.focus({ preventScroll: true });
  element?.closest("td, th").scrollIntoView({ block: "nearest", inline: "nearest" });
}

function spotOf(element) {
  const part = element.closest("td, th");
  const line = element.closest("tr[data-key]");
  return line && part && grid.contains(line) ? { key: line.dataset.key, place: part.cellIndex } : null;
}

grid.addEventListener("keydown", (event) => {
  const here = spotOf(event.target);
  if (!here || event.altKey || event.metaKey) return;
  const keys = lineKeys();
  const line = keys.indexOf(here.key);
  const last = choice.columns.length;
  const to = (number) => ({ ...here, key: keys[Math.max(0, Math.min(number, keys.length - 1))] });
  const moves = {
    ArrowDown: () => to(line + 1),
    ArrowUp: () => to(line - 1),
    PageDown: () => to(line + 15),
    PageUp: () => to(line - 15),
    ArrowRight: () => ({ ...here, place: here.place + 1 }),
    ArrowLeft: () => ({ ...here, place: here.place - 1 }),
    Home: () => ({ ...(event.ctrlKey ? to(0) : here), place: 0 }),
    End: () => ({ ...(event.ctrlKey ? to(keys.length - 1) : here), place: last }),
  };
  if (!Object.hasOwn(moves, event.key)) return;
  event.preventDefault();
  move(moves[event.key]());
});

grid.addEventListener("focusin", (event) => {
  const here = spotOf(event.target);
  if (here && (here.key !== spot.key || here.place !== spot.place)) settle(here);
});
