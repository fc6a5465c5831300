// Which rows and columns a choice leaves, in which order.

function chosen(state) {
  const columns = state.target.length ? TARGETS.filter((target) => state.target.includes(target.key)) : TARGETS;
  const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
  const letters = [...VERDICTS].filter(([, { word }]) => state.verdict.includes(word)).map(([letter]) => letter);
  const atLevel = (item) => state.level.length === 0 || state.level.includes(item.level);
  const scored = (item) => (state.level.length === 0 ? item.gated : atLevel(item)); // what the score of a name is of
  const wanted = (item) =>
    atLevel(item) &&
    words.every((word) => item.words.includes(word)) &&
    (letters.length === 0 || columns.some((target) => letters.includes(letterOf(item, target))));

  const groups = [];
  const kept = new Set();
  for (const name of NAMES) {
    if (state.name && state.name !== name.id) continue;
    const cases = name.cases.filter(wanted);
    if (cases.length === 0) continue;
    for (const item of cases) kept.add(item);
    const clauses = name.clauses
      .map((clause) => ({ item: clause, cases: clause.cases.filter((item) => kept.has(item)), all: clause.cases.filter(atLevel) }))
      .filter((clause) => clause.cases.length > 0);
    groups.push({ item: name, cases, all: name.cases.filter(scored), clauses });
  }
  const narrowed = state.q !== "" || state.name !== "" || state.verdict.length > 0;
  const depth = DEPTHS.indexOf(state.rows || (narrowed ? "cases" : "names"));
  const levels = LEVELS.filter((level) => state.level.length === 0 || state.level.includes(level));
  const counted = state.name ? ITEMS.get(state.name).cases : CASES; // what the scores at the head of the table are of
  return { columns, groups: sorted(groups, state.sort, columns), cases: kept, counted, depth, levels };
}

function sorted(groups, sort, columns) {
  if (sort === "name") return [...groups].sort(by((group) => group.item.id));
  if (sort === "clause") {
    for (const group of groups) group.clauses.sort(by((clause) => clause.item.id));
    return [...groups].sort(by((group) => group.clauses[0].item.id));
  }
  if (sort !== "failures") return groups;
  const counts = new Map();
  const count = (item) => {
    if (!counts.has(item)) counts.set(item, columns.filter((target) => !conforms(item, target)).length);
    return counts.get(item);
  };
  const most = by((part) => -part.cases.reduce((sum, item) => sum + count(item), 0));
  for (const group of groups) {
    for (const clause of group.clauses) clause.cases.sort(by((item) => -count(item)));
    group.clauses.sort(most);
  }
  return [...groups].sort(most);
}

function by(key) {
  return (one, other) => (key(one) < key(other) ? -1 : key(one) > key(other) ? 1 : 0);
}

function summed(choice) {
  let results = 0;
  let differing = 0;
  for (const item of choice.cases) {
    for (const target of choice.columns) {
      results += "n.".includes(letterOf(item, target)) ? 0 : 1;
      differing += conforms(item, target) ? 0 : 1;
    }
  }
  return `${choice.cases.size} of ${counted(CASES.length, "case")} on ${choice.columns.length} of ${counted(TARGETS.length, "target")}: ${differing} of ${counted(results, "result")} ${differing === 1 ? "differs" : "differ"}.`;
}
