// Signatures on paper. Law: the same bytes, findings, order and words as wire/paper.py, wire/package_paper.py and
// statement/paper_checks.py.

const DAY_MS = 24 * 3_600_000;
const DAY = /^\d{4}-\d\d-\d\d$/;
const ATTESTED = "I saw these people sign this text on paper.";

// --- Reading and spelling

function spellDay(atMs) {
  return isoUtc(atMs).slice(0, 10);
}

function readDay(text) {
  if (!DAY.test(text)) refuse("a day is not in the form YYYY-MM-DD");
  const atMs = Date.parse(`${text}T00:00:00Z`);
  if (!(atMs >= 0) || spellDay(atMs) !== text) refuse("there is no such day");
  return atMs;
}

function readLineNumber(number) {
  if (!Number.isInteger(number) || number < 1 || number > LIMITS.paperLines) refuse("no line of a sheet has this number");
  return number;
}

function readSheetNumber(number) {
  if (number < 1 || number > LIMITS.paperNumber) refuse("no sheet has this number");
  return number;
}

function readPaperLine(item) {
  const fields = new Fields(item, "a line of a sheet");
  const capacity = fields.text("capacity");
  if (!CAPACITIES.includes(capacity)) refuse("a capacity is unknown");
  const line = {
    capacity,
    line: readLineNumber(fields.number("line")),
    salt: readHex(fields.text("salt"), 32, "a salt"),
    name: fits(requiredLine(fields.text("name"), "a name"), 1, LIMITS.name, "name"),
    title: fits(optionalLine(fields.text("title"), "a title"), 0, LIMITS.name, "title"),
    affiliation: fits(optionalLine(fields.text("affiliation"), "an affiliation"), 0, LIMITS.name, "affiliation"),
    country: fits(optionalLine(fields.text("country"), "a country"), 0, LIMITS.name, "country"),
  };
  fields.finish();
  return line;
}

function readLeftOut(item) {
  const fields = new Fields(item, "a line that was left out");
  const one = { line: readLineNumber(fields.number("line")), digest: readHex(fields.text("digest"), 32, "a digest") };
  fields.finish();
  return one;
}

function readSheet(item) {
  const fields = new Fields(item, "a sheet");
  const sheet = {
    key: readHex(fields.text("key"), 32, "a key"),
    witness: fits(optionalLine(fields.text("witness"), "a witness"), 0, LIMITS.name, "witness"),
    number: readSheetNumber(fields.number("number")),
    scan: readHex(fields.text("scan"), 32, "a scan's digest"),
    datedMs: readDay(fields.text("dated")),
    enteredMs: readTime(fields.text("entered")),
    lines: fits(fields.items("lines").map(readPaperLine), 0, LIMITS.paperLines, "lines"),
    leftOut: fits(fields.items("left_out").map(readLeftOut), 0, LIMITS.paperLines, "lines"),
    signature: readHex(fields.text("signature"), 64, "a signature"),
  };
  fields.finish();
  return sheet;
}

function readPaperWithdrawal(item) {
  const fields = new Fields(item, "a withdrawal of lines");
  const withdrawal = {
    key: readHex(fields.text("key"), 32, "a key"),
    witness: readHex(fields.text("witness"), 32, "a key"),
    number: readSheetNumber(fields.number("number")),
    lines: fits(fields.items("lines").map(readLineNumber), 1, LIMITS.paperLines, "lines"),
    withdrawnMs: readTime(fields.text("withdrawn")),
    signature: readHex(fields.text("signature"), 64, "a signature"),
  };
  fields.finish();
  return withdrawal;
}

function plainSheet(sheet) {
  return {
    dated: spellDay(sheet.datedMs),
    entered: spellTime(sheet.enteredMs),
    key: sheet.key,
    left_out: sheet.leftOut.map((one) => ({ digest: one.digest, line: one.line })),
    lines: sheet.lines.map((line) => ({
      affiliation: line.affiliation,
      capacity: line.capacity,
      country: line.country,
      line: line.line,
      name: line.name,
      salt: line.salt,
      title: line.title,
    })),
    number: sheet.number,
    scan: sheet.scan,
    signature: sheet.signature,
    witness: sheet.witness,
  };
}

function plainPaperWithdrawal(withdrawal) {
  return {
    key: withdrawal.key,
    lines: withdrawal.lines,
    number: withdrawal.number,
    signature: withdrawal.signature,
    withdrawn: spellTime(withdrawal.withdrawnMs),
    witness: withdrawal.witness,
  };
}

// --- What is signed

function paperLineText(line) {
  if (line.capacity === "network") {
    refuse("no network signs on paper: it says how many members it has, under a key");
  }
  checkNamed({ ...line, annex: "", logo: "", members: 0, mode: "named", names: [] });
  return act([
    "meshcoal paper line 1",
    `salt: ${line.salt}`,
    `line: ${line.line}`,
    `capacity: ${line.capacity}`,
    `name: ${requiredLine(line.name, "a name")}`,
    `title: ${optionalLine(line.title, "a title")}`,
    `affiliation: ${optionalLine(line.affiliation, "an affiliation")}`,
    `country: ${optionalLine(line.country, "a country")}`,
  ]);
}

function sheetText(statement, sheet) {
  const digests = new Map();
  const both = [
    ...sheet.lines.map((line) => [line.line, toHex(sha256(paperLineText(line)))]),
    ...sheet.leftOut.map((one) => [one.line, one.digest]),
  ];
  for (const [number, digest] of both) {
    if (digests.has(number)) refuse("a line of a sheet stands twice");
    digests.set(number, digest);
  }
  if (sheet.datedMs > sheet.enteredMs + DAY_MS) {
    refuse("a sheet is dated by a day, which is not after it was entered");
  }
  return act([
    "meshcoal paper sheet 1",
    `statement: ${statement}`,
    `key: ${sheet.key}`,
    `witness: ${sheet.witness}`,
    `attests: ${ATTESTED}`,
    `sheet: ${sheet.number}`,
    `scan: ${sheet.scan}`,
    `dated: ${spellDay(sheet.datedMs)}`,
    `entered: ${spellTime(sheet.enteredMs)}`,
    ...[...digests].sort(([one], [other]) => one - other).map(([number, digest]) => `line: ${number} ${digest}`),
  ]);
}

function paperWithdrawalText(statement, withdrawal) {
  if (!withdrawal.lines.every((number, i) => i === 0 || withdrawal.lines[i - 1] < number)) {
    refuse("lines that are taken back ascend, each once");
  }
  return act([
    "meshcoal paper withdrawal 1",
    `statement: ${statement}`,
    `key: ${withdrawal.key}`,
    `witness: ${withdrawal.witness}`,
    `sheet: ${withdrawal.number}`,
    `lines: ${withdrawal.lines.join(", ")}`,
    `withdrawn: ${spellTime(withdrawal.withdrawnMs)}`,
  ]);
}

function inOrder(one, other) {
  for (let i = 0; i < one.length; i += 1) {
    if (one[i] !== other[i]) return one[i] < other[i] ? -1 : 1;
  }
  return 0;
}

function ascends(rows) {
  return rows.every((row, i) => i === 0 || inOrder(rows[i - 1], row) < 0);
}

// What the tally says of the sheets that hold.
function paperTally(one) {
  const rows = [...one.goodSheets].map(([sheet, digest]) => [
    sheet.key, sheet.number, digest, sheet.lines.map((line) => line.line).sort((left, right) => left - right),
  ]).sort(inOrder);
  if (!rows.length) return [];
  return [
    `on paper: ${rows.reduce((sum, [, , , lines]) => sum + lines.length, 0)}`,
    `witnesses: ${new Set(rows.map(([key]) => key)).size}`,
    ...rows.map(([key, number, digest, lines]) => `paper: ${key} ${number} ${digest} ${lines.join(",")}`),
  ];
}

// --- Checks

function onPaper(one) {
  const sheets = one.textSigned ? [...one.goodSheets.keys()] : [];
  return {
    lines: sheets.reduce((sum, sheet) => sum + sheet.lines.length, 0),
    witnesses: new Set(sheets.filter((sheet) => sheet.lines.length).map((sheet) => sheet.key)).size,
  };
}

// How a sentence calls a sheet.
function calledSheet(sheet) {
  return { number: sheet.number, witness: sheet.key.slice(0, 8) };
}

function checkPaperRule(one) {
  if (one.found.paper.length && one.text && !one.text.rules.includes(PAPER_RULE)) {
    one.say("problem", "paper-rule");
  }
}

async function checkPaperSignature(one) {
  for (const sheet of one.found.paper) {
    let text = null;
    try {
      text = sheetText(one.found.digest, sheet);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
    if (text !== null && await one.holds(sheet.key, text, sheet.signature, { key: "paper", values: {} })) {
      one.goodSheets.set(sheet, toHex(sha256(text)));
    } else {
      one.say("problem", "paper-signature", calledSheet(sheet));
    }
  }
  if (one.found.paper.length && one.goodSheets.size === one.found.paper.length && one.textSigned) {
    const { lines, witnesses } = onPaper(one);
    one.say("ok", "paper", { count: lines, witnesses });
  }
}

function checkPaperOrder(one) {
  const { paper } = one.found;
  const lines = paper.flatMap((sheet) => [sheet.lines, sheet.leftOut]);
  if (!ascends(paper.map((sheet) => [sheet.key, sheet.number]))
    || !lines.every((some) => ascends(some.map((line) => [line.line])))) {
    one.say("problem", "paper-order");
  }
}

function checkPaperLate(one) {
  for (const sheet of one.found.paper) {
    if (one.text && sheet.datedMs > one.text.deadlineMs) {
      one.say("problem", "paper-late", { ...calledSheet(sheet), day: spellDay(sheet.datedMs) });
    }
  }
}

function checkPaperLeftOut(one) {
  const leftOut = one.found.paper.reduce((sum, sheet) => sum + sheet.leftOut.length, 0);
  if (leftOut) one.say("notice", "paper-left-out", { count: leftOut });
}

function checkPaperSameName(one) {
  const named = new Map();
  const onSheets = new Set();
  const note = (name) => named.set(name.toLowerCase(), [...(named.get(name.toLowerCase()) ?? []), name]);
  for (const { mode, name } of one.found.signOns) if (mode === "named") note(name);
  for (const { name } of one.found.paper.flatMap((sheet) => sheet.lines)) {
    note(name);
    onSheets.add(name.toLowerCase());
  }
  for (const [key, names] of named) {
    if (names.length > 1 && onSheets.has(key)) {
      one.say("notice", "paper-same-name", { count: names.length, name: names[0] });
    }
  }
}

function checkPaperSameScan(one) {
  for (const count of counted(one.found.paper.map((sheet) => sheet.scan)).values()) {
    if (count > 1) one.say("notice", "paper-same-scan", { count });
  }
}

const PAPER_CHECKS = Object.freeze([
  checkPaperRule, checkPaperSignature, checkPaperOrder, checkPaperLate, checkPaperLeftOut, checkPaperSameName,
  checkPaperSameScan,
]);

async function checkPaperWithdrawal(one) {
  const { paperWithdrawals, release } = one.found;
  if (!ascends(paperWithdrawals.map((it) => [it.witness, it.number, it.withdrawnMs, it.signature]))) {
    one.say("problem", "doubled-withdrawal.paper");
  }
  for (const withdrawal of paperWithdrawals) {
    const { key, lines, number, signature, witness, withdrawnMs } = withdrawal;
    // Of two sheets in one place the last counts, as in Python.
    const sheet = [...one.goodSheets.keys()].filter((it) => it.key === witness && it.number === number).pop();
    const known = new Map((sheet?.lines ?? []).map((line) => [line.line, line]));
    const taken = lines.filter((line) => known.has(line)).map((line) => known.get(line));
    if (!taken.length || ![witness, release.key].includes(key)) {
      one.say("problem", "paper-withdrawal.stray");
      continue;
    }
    let text = null;
    try {
      text = paperWithdrawalText(one.found.digest, withdrawal);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
    if (text === null || !(await one.holds(key, text, signature, { key: "paper", values: {} }))) {
      one.say("problem", "paper-withdrawal.forged", calledSheet(sheet));
      continue;
    }
    for (const line of taken) {
      one.withdrawnLines.add(`${witness} ${number} ${line.line}`);
      one.say("notice", "paper-withdrawn", { name: line.name, at: withdrawnMs });
    }
  }
}

// Every line, as the package has it.
function paperSignatories(one) {
  return one.found.paper.flatMap((sheet) => sheet.lines.map((line) => ({
    ...line,
    key: sheet.key,
    sheet: sheet.number,
    witness: sheet.witness,
    scan: sheet.scan,
    datedMs: sheet.datedMs,
    holds: one.textSigned && one.goodSheets.has(sheet),
    withdrawn: one.withdrawnLines.has(`${sheet.key} ${sheet.number} ${line.line}`),
  })));
}

// --- What a reader sees

function paperLine(line) {
  const parts = [line.name, line.title, line.affiliation, line.country].filter((part) => part !== "");
  const made = node("li", {}, ...listed(parts));
  if (!line.holds) made.append(" ", node("strong", { class: "bad" }, ...said("page.paper_bad")));
  else if (line.withdrawn) made.append(" ", node("em", {}, ...said("letter.withdrew")));
  return made;
}

function shownOnPaper(report) {
  if (!report.onPaper.length) return [];
  const lines = [...report.onPaper].sort((one, other) => byCodePoint(one.name, other.name)
    || inOrder([one.key, one.sheet, one.line], [other.key, other.sheet, other.line]));
  const witnesses = new Set(lines.map((line) => line.key)).size;
  return [
    node("h3", {}, ...said("page.on_paper", { count: lines.length, witnesses })), node("ul", {}, ...lines.map(paperLine)),
  ];
}

function shownScans(report) {
  const sheets = new Map(report.onPaper.map((line) => [`${line.key} ${line.sheet}`, line]));
  return [...sheets.values()].map((line) => node("li", {}, ...said("page.paper_scan", {
    number: line.sheet, witness: line.key, day: spellDay(line.datedMs), digest: line.scan,
  }), ...(line.witness ? [" ", own(line.witness)] : [])));
}
