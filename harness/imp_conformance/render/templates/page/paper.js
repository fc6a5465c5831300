// What is printed in place of the table on the screen: as many tables as it takes for all columns to fit.

const paper = document.getElementById("paper");
const COLUMNS_A_PAGE = 30;

window.addEventListener("beforeprint", () => {
  const tables = [];
  for (let first = 0; first < choice.columns.length; first += COLUMNS_A_PAGE) tables.push(paperTable(choice.columns.slice(first, first + COLUMNS_A_PAGE)));
  paper.replaceChildren(el("p", {}, document.getElementById("status").textContent), ...tables);
  paper.hidden = false;
});

window.addEventListener("afterprint", () => {
  paper.hidden = true;
  paper.replaceChildren();
});

function paperTable(columns) {
  const totals = choice.levels.map((level) =>
    el("tr", { class: "name" }, el("th", { scope: "row" }, level), columns.map((target) => {
      const { text, letter } = total(level, target);
      return el("td", { class: verdictClass(letter) }, text);
    })));
  const body = lines.map((row) => el("tr", { class: row.item.kind }, el("th", { scope: "row" }, row.item.id), columns.map((target) => {
    const { text, letter } = told(row, target);
    return el("td", { class: verdictClass(letter) }, text);
  })));
  return el("table", {},
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Name, clause, case"), columns.map((target) => el("th", { scope: "col" }, el("span", { class: "raw" }, titleOf(target)))))),
    el("tbody", {}, totals, body));
}
