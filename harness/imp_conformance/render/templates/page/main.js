// The page follows its address: whatever is chosen or opened goes there first, and is shown from there.

let state = null;

function chosenPart(of) {
  return toAddress({ ...of, cell: "", on: "", unknown: [] });
}

function show(next) {
  const before = state;
  state = next;
  if (before === null || chosenPart(before) !== chosenPart(next)) {
    if (before !== null && before.rows !== next.rows) opened.clear();
    writeControls(next);
    const focused = grid.contains(document.activeElement);
    drawGrid(chosen(next));
    const element = settle(spot);
    if (focused) element?.focus({ preventScroll: true });
    const unknown = next.unknown.length ? ` Not here: ${next.unknown.join(", ")}.` : "";
    document.getElementById("status").textContent = summed(choice) + unknown;
  }
  if (next.cell) openDetails(ITEMS.get(next.cell), TARGETS_BY_KEY.get(next.on), leaveCell);
  else if (details.open) details.close();
}

function go(next, replace = false) {
  history[replace ? "replaceState" : "pushState"](null, "", toAddress(next));
  show(next);
}

function leaveCell() {
  const { cell, on } = state;
  if (cell) go({ ...state, cell: "", on: "" });
  returnTo(ITEMS.get(cell), TARGETS_BY_KEY.get(on));
}

// Focus goes back to where the cell was opened; where the address opened it, to its own place, made visible.
function returnTo(item, target) {
  if (!item) return move(spot);
  const place = choice.columns.indexOf(target) + 1;
  const here = rows.get(spot.key);
  if (here && here.shown && (here.item === item || opens(here) === item) && spot.place === place) return move(spot);
  const row = [...rows.values()].find((one) => one.item === item);
  for (let parent = row && rows.get(row.parent); parent; parent = rows.get(parent.parent)) toggle(parent, true);
  return move(row ? { key: row.key, place: place || 1 } : spot);
}

let typing = false;
controls.addEventListener("input", (event) => {
  const text = event.target.name === "q";
  go(readControls(), text && typing);
  typing = text;
});
controls.addEventListener("submit", (event) => event.preventDefault());
controls.addEventListener("reset", (event) => {
  event.preventDefault();
  opened.clear();
  go(nothingChosen());
});

// A link to a cell keeps what is chosen, so that closing the cell leads back to it.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  const address = link.getAttribute("href");
  if (!address.includes("=") && address !== "#") return;
  event.preventDefault();
  const next = fromAddress(address);
  go(next.cell ? { ...state, cell: next.cell, on: next.on, unknown: [] } : next);
});

window.addEventListener("popstate", () => {
  typing = false;
  if (location.hash === "" || location.hash === "#" || location.hash.includes("=")) show(fromAddress(location.hash));
});

document.getElementById("app").hidden = false;
show(fromAddress(location.hash));
