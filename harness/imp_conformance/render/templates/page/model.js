// The data of the page as objects: what render/page_data.py packed, unpacked once.

const DATA = JSON.parse(document.getElementById("data").textContent);
const VERDICTS = new Map(DATA.verdicts.map(([letter, word, sign]) => [letter, { word, sign }]));
const BAD = "ctmf"; // what does not conform, the worst first

// Targets with equal results share a column of data.
const TARGETS = DATA.targets.map(([key, label, interpreter, candidate, emulates, notice, mark, genuine, release, column, options, python, reference, scope]) => ({
  key, label, interpreter, candidate, emulates, notice, mark, genuine: genuine === 1, release, column, options, python, reference, scope,
}));
const NAMES = DATA.names.map(([id, summary]) => ({ kind: "name", id, summary, cases: [], clauses: [] }));
const CLAUSES = DATA.clauses.map(([id, level, text, versions, sources, errata]) => ({
  kind: "clause", id, level: DATA.levels[level], text, versions: DATA.texts[versions],
  sources: sources.map((text) => DATA.texts[text]), errata: errata.map((text) => DATA.texts[text]), cases: [],
}));
const CASES = DATA.cases.map(([short, name, title, level, clauses, versions, verdicts, findings, releases, eras]) => ({
  kind: "case", id: `${NAMES[name].id}/${short}`, name: NAMES[name], title, level: DATA.levels[level],
  clauses: clauses.map((number) => CLAUSES[number]), versions: DATA.texts[versions], verdicts, findings, releases, eras, gated: true,
}));
for (const number of DATA.ungated) CASES[number].gated = false;

const LEVELS = DATA.levels.filter((level) => CASES.some((item) => item.level === level));

for (const item of CASES) {
  item.name.cases.push(item);
  for (const clause of item.clauses) {
    clause.cases.push(item);
    if (!item.name.clauses.includes(clause)) item.name.clauses.push(clause);
  }
  item.words = [item.id, item.title, ...item.clauses.flatMap((clause) => [clause.id, clause.text])].join("\n").toLowerCase();
}
for (const name of NAMES) name.clauses.sort((one, other) => CLAUSES.indexOf(one) - CLAUSES.indexOf(other));

const ITEMS = new Map([...NAMES, ...CLAUSES, ...CASES].map((item) => [item.id, item]));
const TARGETS_BY_KEY = new Map(TARGETS.map((target) => [target.key, target]));

function letterOf(item, target) {
  return item.verdicts[target.column];
}

function verdictOf(item, target) {
  return VERDICTS.get(letterOf(item, target));
}

function conforms(item, target) {
  return !BAD.includes(letterOf(item, target));
}

function score(cases, target) {
  let passed = 0;
  let asked = 0;
  let worst = -1;
  let unrun = false;
  for (const item of cases) {
    const letter = letterOf(item, target);
    if (letter === "p") passed += 1;
    if (letter === ".") unrun = true;
    else if (letter !== "n") asked += 1;
    const rank = BAD.indexOf(letter);
    if (rank >= 0 && (worst < 0 || rank < worst)) worst = rank;
  }
  const letter = worst >= 0 ? BAD[worst] : asked > 0 ? "p" : unrun ? "." : "n";
  return { passed, asked, letter };
}

// The same candidate on CPython of the same version, where this page has it.
function referenceOf(target) {
  return TARGETS_BY_KEY.get(target.reference);
}

// By which behaviour of genuine releases a target is judged; -1 where nothing is asked.
function era(item, target) {
  return item.eras[item.eras.length > 1 ? target.release : 0];
}

function finding(item, target) {
  for (const [numbers, expected, observed, reason] of item.findings) {
    if (numbers.includes(target.column)) {
      return { expected: DATA.texts[expected], observed: DATA.texts[observed], reason: DATA.texts[reason] };
    }
  }
  return { expected: "", observed: "", reason: "" };
}
