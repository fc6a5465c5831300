// The cells of the rows that are in sight, or nearly; all rows are of one height, so that their places tell which those are.

const MARGIN = 25; // rows before and after those in sight
const CELL = el("td", { role: "gridcell" }, el("a", { tabindex: "-1" }));
const MANY = 300; // rows; from there on those out of sight are not laid out at all
let filled = new Set();

function refill() {
  lines = [...rows.values()].filter((row) => row.shown);
  grid.firstChild.classList.toggle("many", lines.length > MANY);
  fillSight();
}

function fillSight() {
  const first = lines[0]?.tr;
  if (!first) return;
  const height = first.offsetHeight || 28;
  const from = Math.floor((grid.scrollTop - first.offsetTop) / height) - MARGIN;
  const near = new Set(lines.slice(Math.max(0, from), Math.max(0, from + Math.ceil(grid.clientHeight / height) + 2 * MARGIN)));
  for (const row of filled) if (!near.has(row) && !row.tr.contains(document.activeElement)) empty(row);
  for (const row of near) fill(row);
}

let due = false;
function fillSoon() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    fillSight();
  });
}
grid.addEventListener("scroll", fillSoon, { passive: true });
window.addEventListener("resize", fillSoon);

function fill(row) {
  if (row.filled) return;
  row.filled = true;
  filled.add(row);
  row.tr.append(...choice.columns.map((target) => cell(row, target)));
}

function empty(row) {
  if (!row.filled) return;
  row.filled = false;
  filled.delete(row);
  while (row.tr.children.length > 1) row.tr.lastChild.remove();
}

function cell(row, target) {
  const td = CELL.cloneNode(true);
  const link = td.firstChild;
  const { text, words, letter } = told(row, target);
  td.className = row.item.kind === "name" ? `score ${verdictClass(letter)}` : verdictClass(letter);
  link.textContent = text;
  link.setAttribute("aria-label", words);
  link.href = cellAddress(opens(row), target);
  return td;
}

// A cell of one case opens that case.
function opens(row) {
  return row.cases.length === 1 ? row.cases[0] : row.item;
}

// A row of one case tells its verdict, a row of several how many pass, with the sign of the worst.
function told(row, target) {
  const { passed, asked, letter } = score(row.cases, target);
  const { sign, word } = VERDICTS.get(letter);
  if (asked === 0 || (row.cases.length === 1 && row.item.kind !== "name")) return { text: sign, words: word, letter };
  const words = `${passed} of ${asked} pass${letter === "p" ? "" : `, ${word}`}`;
  if (row.item.kind === "name") return { text: `${passed}/${asked}`, words, letter };
  return { text: letter === "p" ? sign : `${sign} ${passed}/${asked}`, words, letter };
}

grid.addEventListener("mouseover", (event) => {
  const link = event.target.closest("tbody td a");
  if (!link || link.title) return;
  const row = rows.get(link.closest("tr").dataset.key);
  const target = choice.columns[link.parentElement.cellIndex - 1];
  link.title = `${link.getAttribute("aria-label")}: ${row.item.id} on ${target.label}`;
});
