// The table: a row for each name, clause and case that the choice leaves.
//
// Closed rows are there too, hidden until found: a search in the page opens them. Rows out of sight have a head and no
// cells (cells.js). Elements are those of a table with the roles said again, since their layout is not a table's: rows
// that are out of sight cost no layout.

const grid = document.getElementById("grid");
const made = new Map(); // every row ever made, by key
const opened = new Map(); // by key of a row that was opened or closed by hand: whether it is open
const rows = new Map(); // by key, in order: the rows of the table as it stands
let lines = []; // those of them that are not inside a closed one
let choice = null;

const PATTERNS = {
  name: rowPattern("name", "rowgroup", el("button", { type: "button", class: "toggle", tabindex: "-1", "aria-expanded": "false" })),
  clause: rowPattern("clause", "row", el("button", { type: "button", class: "toggle", tabindex: "-1", "aria-expanded": "false" })),
  case: rowPattern("case", "row", el("span", { class: "id" })),
};

function rowPattern(kind, scope, label) {
  return el("tr", { role: "row", class: kind }, el("th", { role: "rowheader", scope, tabindex: kind === "case" ? "-1" : null }, label, " ", el("span", { class: "note" })));
}

function drawGrid(next) {
  choice = next;
  rows.clear();
  const bodies = choice.groups.map((group) => {
    const key = group.item.id;
    const body = el("tbody", { role: "rowgroup" });
    const trs = [addRow(key, group.item, group.all, null, counted(group.cases.length, "case"))];
    for (const clause of group.clauses) {
      const clauseKey = `${key} ${clause.item.id}`;
      trs.push(addRow(clauseKey, clause.item, clause.all, key, clause.item.text));
      for (const item of clause.cases) trs.push(addRow(`${clauseKey} ${item.id}`, item, [item], clauseKey, item.title));
    }
    body.append(...trs);
    return body;
  });
  const table = el("table", { role: "grid", "aria-colcount": String(choice.columns.length + 1) },
    el("caption", { class: "unseen" }, "By name, clause and case, what each target does: cases passed of cases asked, or the verdict"),
    gridHead(choice.columns), gridTotals(), bodies);
  table.style.setProperty("--columns", String(choice.columns.length));
  for (const row of rows.values()) showRow(row);
  grid.replaceChildren(table);
  refill();
}

function gridHead(columns) {
  const groups = [
    ["Stand-ins", columns.filter((target) => !target.genuine)],
    ["CPython's own imp", columns.filter((target) => target.genuine)],
  ].filter(([, members]) => members.length > 0);
  const titles = groups.map(([title, members]) => {
    const th = el("th", { role: "columnheader", scope: "colgroup", colspan: String(members.length), "aria-colspan": String(members.length), class: "group" }, title);
    th.style.setProperty("--span", String(members.length));
    return th;
  });
  const names = columns.map((target) =>
    el("th", { role: "columnheader", scope: "col", class: target.notice ? "target noticed" : "target" },
      el("a", { href: toAddress({ ...nothingChosen(), target: target.key }), tabindex: "-1", title: titleOf(target), "aria-label": [target.label, target.notice, remarksOf(target)].filter(Boolean).join(", ") },
        el("span", { class: "raw" }, breakable(target.label)), remarksOf(target) ? el("span", { class: "note" }, ` ${remarksOf(target)}`) : null)));
  return el("thead", { role: "rowgroup" },
    el("tr", { role: "row", class: "groups" }, el("td", { role: "gridcell", class: "corner" }), titles),
    el("tr", { role: "row", class: "targets", "data-key": "targets" }, el("th", { role: "columnheader", scope: "col", class: "corner" }, "Name, clause, case"), names));
}

function remarksOf(target) {
  return [target.mark, target.scope].filter(Boolean).join(", ");
}

function titleOf(target) {
  return remarksOf(target) ? `${target.label} (${remarksOf(target)})` : target.label;
}

// A long id may break behind a plus sign.
function breakable(text) {
  return text.split(/(?<=\+)/).flatMap((part, index) => (index ? [el("wbr"), part] : [part]));
}

function gridTotals() {
  return el("tbody", { role: "rowgroup", class: "totals" }, choice.levels.map((level) =>
    el("tr", { role: "row" }, el("th", { role: "rowheader", scope: "row" }, level), choice.columns.map((target) => {
      const { text, letter } = total(level, target);
      return el("td", { role: "gridcell", class: `score ${verdictClass(letter)}` }, text);
    }))));
}

function total(level, target) {
  const { passed, asked, letter } = score(choice.counted.filter((item) => item.level === level), target);
  return { text: asked ? `${passed}/${asked}` : VERDICTS.get(letter).sign, letter };
}

function addRow(key, item, cases, parent, note) {
  let row = made.get(key);
  if (!row) {
    const tr = PATTERNS[item.kind].cloneNode(true);
    const [label, , text] = tr.firstChild.childNodes;
    tr.dataset.key = key;
    label.textContent = item.id;
    row = { key, item, parent, tr, text, button: item.kind === "case" ? null : label, filled: false, shown: null };
    made.set(key, row);
  }
  row.cases = cases;
  if (row.text.textContent !== note) row.text.textContent = note;
  empty(row);
  rows.set(key, row);
  return row.tr;
}

function isOpen(row) {
  return opened.get(row.key) ?? choice.depth > (row.item.kind === "name" ? 0 : 1);
}

function isShown(row) {
  const parent = row.parent && rows.get(row.parent);
  return !parent || (isOpen(parent) && isShown(parent));
}

function showRow(row) {
  row.button?.setAttribute("aria-expanded", String(isOpen(row)));
  const shown = isShown(row);
  if (shown === row.shown) return;
  row.shown = shown;
  if (shown) row.tr.removeAttribute("hidden");
  else row.tr.setAttribute("hidden", "until-found");
}

function toggle(row, open) {
  opened.set(row.key, open);
  for (const other of rows.values()) if (other === row || other.key.startsWith(`${row.key} `)) showRow(other);
  refill();
}

grid.addEventListener("click", (event) => {
  const button = event.target.closest("button.toggle");
  if (!button) return;
  const row = rows.get(button.closest("tr").dataset.key);
  toggle(row, !isOpen(row));
});

grid.addEventListener("beforematch", (event) => {
  for (let row = rows.get(event.target.dataset.key); row?.parent; row = rows.get(row.parent)) toggle(rows.get(row.parent), true);
});
