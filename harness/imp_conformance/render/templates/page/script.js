// The script that shows a case without this page: its own head, the candidate, and the part that all scripts share.

function scriptOf(item, target) {
  const lines = item.heads[era(item, target)];
  return lines ? { head: lines.map((line) => DATA.lines[line]).join("\n") + target.imp, runtime: DATA.runtime } : null;
}

async function copy(text, status) {
  try {
    await navigator.clipboard.writeText(text);
    status.textContent = "Copied.";
  } catch {
    status.textContent = "This browser does not let the page copy: select the script and copy it.";
  }
}
