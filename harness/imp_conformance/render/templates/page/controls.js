// The form above the table: a choice read from it, and put into it.

const controls = document.getElementById("controls");
const boxes = (name) => [...controls.querySelectorAll(`input[name="${name}"]`)];

function readControls() {
  const field = (name) => controls.elements[name].value;
  const ticked = (name) => boxes(name).filter((box) => box.checked).map((box) => box.value);
  return { ...nothingChosen(), q: field("q"), name: field("name"), rows: field("rows"), sort: field("sort"), level: ticked("level"), verdict: ticked("verdict"), target: ticked("target") };
}

function writeControls(state) {
  for (const name of ["q", "name", "rows", "sort"]) {
    const field = controls.elements[name];
    if (field.value !== state[name]) field.value = state[name];
  }
  for (const name of ["level", "verdict", "target"]) for (const box of boxes(name)) box.checked = state[name].includes(box.value);
  document.getElementById("targets-count").textContent = state.target.length ? `(${state.target.length} of ${TARGETS.length})` : `(all ${TARGETS.length})`;
}
