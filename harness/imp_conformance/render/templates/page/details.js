// What a cell opens to.

const details = document.getElementById("details");
let closing = () => {};

function openDetails(item, target, close) {
  closing = close;
  const title = el("h2", { id: "details-title", tabindex: "-1" }, el("span", { class: "id" }, item.id), " ", el("small", {}, "on ", el("span", { class: "raw" }, target.label)));
  const shut = el("button", { type: "button", class: "close", "aria-label": "Close" }, "Close");
  shut.addEventListener("click", () => details.close());
  const body = item.kind === "case" ? caseDetails(item, target) : listDetails(item, target);
  details.replaceChildren(el("div", { class: "bar" }, title, shut), el("div", { class: "body" }, body));
  if (!details.open) details.showModal();
  details.scrollTop = 0;
  title.focus();
  document.documentElement.classList.add("reading");
}

details.addEventListener("close", () => {
  document.documentElement.classList.remove("reading");
  closing();
});

details.addEventListener("click", (event) => {
  if (event.target === details) details.close(); // the backdrop
});

function verdictMark(letter, words = null) {
  const { sign, word } = VERDICTS.get(letter);
  return el("span", { class: "mark" }, el("span", { class: `sign ${verdictClass(letter)}`, "aria-hidden": "true" }, sign), " ", words ?? word);
}

function listDetails(item, target) {
  const { passed, asked, letter } = score(item.cases, target);
  const about = item.kind === "name"
    ? el("p", {}, item.summary)
    : el("ul", { class: "clauses" }, clauseEntry(item));
  const levels = LEVELS.map((level) => {
    const part = score(item.cases.filter((one) => one.level === level), target);
    return part.asked ? el("div", {}, el("dt", {}, level), el("dd", {}, `${part.passed}/${part.asked}`)) : null;
  });
  const parts = [...BAD, ".", "n", "p"].map((wanted) => {
    const cases = item.cases.filter((one) => letterOf(one, target) === wanted);
    if (cases.length === 0) return null;
    const list = el("ul", { class: "cases" }, cases.map((one) => el("li", {}, el("a", { href: cellAddress(one, target) }, one.id), " ", el("span", { class: "note" }, one.title))));
    return el("details", { open: BAD.includes(wanted) || cases.length < 13 }, el("summary", {}, verdictMark(wanted, `${VERDICTS.get(wanted).word}: ${cases.length}`)), list);
  });
  return [el("p", {}, verdictMark(letter, asked ? `${passed} of ${asked} pass` : null)), about, el("dl", { class: "levels" }, levels), parts, targetNote(target)];
}

function caseDetails(item, target) {
  const letter = letterOf(item, target);
  return [
    el("p", { class: "title" }, item.title),
    el("p", {}, verdictMark(letter), el("span", { class: "note" }, ` · ${item.level}`)),
    findingPart(item, target, letter),
    whosePart(item, target),
    el("h3", {}, item.clauses.length === 1 ? "The clause" : "The clauses"),
    el("ul", { class: "clauses" }, item.clauses.map(clauseEntry)),
    el("h3", {}, "What genuine CPython does"),
    releasesPart(item, target),
    el("h3", {}, "The same case elsewhere"),
    elsewherePart(item, target),
    scriptPart(item, target),
    targetNote(target),
  ];
}

function findingPart(item, target, letter) {
  if (letter === ".") return el("p", {}, target.notice ? `Not run: this target is ${target.notice}` : "Not run on this target.");
  const { expected, observed, reason } = finding(item, target);
  if (letter === "p") return el("p", {}, `It behaves as CPython ${target.emulates} did.`);
  const parts = [["Expected", expected], ["Observed", observed], ["Reason", reason]].filter(([, text]) => text !== "");
  return el("dl", { class: "finding" }, parts.map(([name, text]) => [el("dt", {}, name), el("dd", {}, raw(name, text))]));
}

// Whose a difference is: the candidate's, which has it on CPython too, or the interpreter's.
function whosePart(item, target) {
  const reference = referenceOf(target);
  if (reference === undefined || conforms(item, target)) return null;
  const there = letterOf(item, reference);
  const link = el("a", { href: cellAddress(item, reference), class: "raw" }, reference.label);
  if (there === "p") return el("p", { class: "whose" }, "The same candidate passes on ", link, ": this difference is the interpreter's.");
  if ("n.".includes(there)) return el("p", { class: "whose" }, "Whether it is the candidate's or the interpreter's is not known: it was not asked on ", link, ".");
  return el("p", { class: "whose" }, "The same candidate differs on ", link, ", too.");
}

// Text of a candidate: as long as it likes, in a frame that can be scrolled by keyboard too.
function raw(name, text) {
  return el("pre", { class: "raw", ...framed(name, text) }, text);
}

function framed(name, text) {
  return text.length > 600 || text.split("\n").length > 10 ? { tabindex: "0", role: "region", "aria-label": name } : {};
}

function clauseEntry(clause) {
  return el("li", {},
    el("p", {}, el("a", { href: toAddress({ ...nothingChosen(), q: clause.id }) }, clause.id), " ", el("span", { class: "tag" }, clause.level), " ", clause.text),
    el("p", { class: "note" }, `Holds for ${clause.versions}. Source: ${clause.sources.join("; ")}.`),
    clause.errata.map((text) => el("p", { class: "note" }, `Erratum: ${text}`)));
}

function releasesPart(item, target) {
  if (item.releases.length === 0) return el("p", {}, `No genuine release is asked: the case holds for ${item.versions}.`);
  const lines = item.releases.map(([releases, behaviour], index) => {
    const mark = index === era(item, target) ? el("span", { class: "note asked" }, "asked for here") : null;
    return el("tr", {}, el("th", { scope: "row" }, DATA.texts[releases], mark), el("td", {}, raw("Behaviour", DATA.texts[behaviour]), measured(item, index)));
  });
  return el("table", { class: "releases" },
    el("caption", { class: "unseen" }, "What genuine CPython does, by release"),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Release"), el("th", { scope: "col" }, "Behaviour"))),
    el("tbody", {}, lines));
}

// The genuine interpreters of this page of which this behaviour is expected.
function measured(item, index) {
  const here = TARGETS.filter((target) => target.genuine && era(item, target) === index && !"n.".includes(letterOf(item, target)));
  return here.length === 0 ? null : [el("p", { class: "note" }, "Measured:"), chips(item, here, null)];
}

function elsewherePart(item, target) {
  return chips(item, TARGETS.filter((other) => !other.genuine || "n.".includes(letterOf(item, other))), target);
}

function chips(item, targets, target) {
  return el("ul", { class: "chips" }, targets.map((other) =>
    el("li", {}, el("a", { href: cellAddress(item, other), class: verdictClass(letterOf(item, other)), "aria-current": other === target ? "true" : null },
      el("span", { class: "sign", "aria-hidden": "true" }, verdictOf(item, other).sign), " ",
      el("span", { class: "raw" }, other.label), el("span", { class: "unseen" }, `: ${verdictOf(item, other).word}`)))));
}

// Nothing is asked of a release that the case does not hold for, so there is no script for it.
function scriptPart(item, target) {
  if (era(item, target) < 0) return null;
  const commands = [`imp-conformance repro ${item.id} ${target.options} > case.py`, ...(target.python ? [`${target.python} case.py`] : [])].join("\n");
  const status = el("span", { role: "status", class: "note" });
  const button = el("button", { type: "button", class: "copy" }, target.python ? "Copy the commands" : "Copy the command");
  button.addEventListener("click", () => copy(commands, status));
  return [
    el("h3", {}, "A script that shows it"),
    el("p", { class: "note" }, "The script needs nothing but a Python from 3.4 on."),
    raw("Commands", commands),
    el("p", {}, button, " ", status),
  ];
}

async function copy(text, status) {
  try {
    await navigator.clipboard.writeText(text);
    status.textContent = "Copied.";
  } catch {
    status.textContent = "This browser does not let the page copy: select the text and copy it.";
  }
}

function targetNote(target) {
  return el("p", { class: "note target-note", ...framed("This target", target.label + target.interpreter + target.candidate) }, el("span", { class: "raw" }, target.label), ": ", el("span", { class: "raw" }, target.interpreter), "; ", el("span", { class: "raw" }, target.candidate), "; judged as CPython ", el("span", { class: "raw" }, target.emulates), target.scope ? `; asked for ${target.scope}` : "", target.mark ? `; its results are of ${target.mark}, not of these cases.` : ".");
}
