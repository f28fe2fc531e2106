// The checks of docs/protocol/package.md. Law: the same findings, in the same order, with the same keys and values, as
// statement/verification.py, one function a check. What this page alone can say (that two judges differ) is kept apart.

const SWAPS_TRIED_MAX = 64; // changed entries whose names are tried on each other
const REST_AFTER_MS = 50; // how long the page may stand still

// `key` names the sentence (statement/sentences.py), and begins with the code; `sentence` is in English.
function finding(severity, key, values) {
  return { code: key.split(".")[0], severity, key, values, sentence: plainly(`finding.${key}`, values) };
}

class Examination {
  constructor(found, byBrowser) {
    this.found = found;
    this.byBrowser = byBrowser;
    this.findings = [];
    this.disagreements = []; // keys and values of places where the second opinion differs
    this.opinions = []; // promises of such a place, or of nothing
    this.text = null;
    this.textSigned = true;
    this.good = new Map(); // key -> digest of the sign-on's text, where it holds
    this.changed = new Set(); // places in the list whose signature does not hold
    this.withdrawn = new Set();
    this.everybody = everybodyOf(found);
    this.names = new Map(found.signOns.map((entry) => [entry.key, entry.name])); // those of addenda are added
    this.addedChanged = new Set(); // as `changed`: addendum and entry, from 0
    this.goodSheets = new Map(); // sheet of paper -> digest of its text, where it holds
    this.withdrawnLines = new Set();
    this.logos = new Map(); // digest -> base64 of a PNG that was checked
    this.restedAt = Date.now();
  }

  say(severity, key, values = {}) {
    this.findings.push(finding(severity, key, values));
  }

  async rest() {
    if (Date.now() - this.restedAt > REST_AFTER_MS) {
      await new Promise((resolve) => { setTimeout(resolve); });
      this.restedAt = Date.now();
    }
  }

  // `place`: what is said where the second opinion differs, `{ key, values }`; null for what is only tried.
  async holds(key, message, signature, place) {
    await this.rest();
    const verdict = judged(key, message, signature);
    if (place) {
      // Not waited for here: the browser works on it while the next signature is judged.
      const opinion = secondOpinion(this.byBrowser, key, message, signature);
      this.opinions.push(opinion.then((other) => (other === verdict ? null : place)));
    }
    return verdict;
  }
}

// --- The text

async function checkTextDigest(one) {
  const bytes = toBytes(one.found.canonicalText);
  one.digest = toHex(sha256(bytes));
  if (globalThis.crypto?.subtle) {
    const other = new Uint8Array(await globalThis.crypto.subtle.digest("SHA-256", bytes));
    if (toHex(other) !== one.digest) one.disagreements.push({ key: "text", values: {} });
  }
  one.textSigned = one.digest === one.found.digest;
  if (one.textSigned) one.say("ok", "text-digest.ok", { digest: one.digest });
  else one.say("problem", "text-digest.changed");
}

function checkTextForm(one) {
  try {
    one.text = parseCanonicalText(one.found.canonicalText);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    one.say("problem", "text-form", { detail: error.message });
  }
}

function checkDirection(one) {
  for (const part of one.text?.texts ?? []) {
    if (directionOf(part.paragraphs.join("\n\n")) !== part.direction) {
      one.say("problem", "direction", { language: part.language, direction: part.direction });
    }
  }
}

function checkRules(one) {
  const known = one.text ? [rulesOf(one.text.modes), rulesOf(one.text.modes, true)] : [];
  if (one.text && !known.some((rules) => JSON.stringify(rules) === JSON.stringify(one.text.rules))) {
    one.say("problem", "rules");
  }
}

function checkVersion(one) {
  if (one.text && one.text.version > 1) {
    one.say("notice", "version", { number: one.text.version, digest: one.text.replaces });
  }
}

function checkComposition(one) {
  if (one.text && one.found.canonicalText.normalize("NFC") !== one.found.canonicalText) {
    one.say("notice", "composition");
  }
}

// --- The sign-ons

async function signedDigest(one, entry, place) {
  let message;
  try {
    message = signOnText(one.found.digest, entry);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return null;
  }
  return (await one.holds(entry.key, message, entry.signature, place)) ? toHex(sha256(message)) : null;
}

async function checkSignature(one) {
  const changed = [];
  for (const [i, entry] of one.found.signOns.entries()) {
    const digest = await signedDigest(one, entry, { key: "entry", values: { place: i + 1 } });
    if (digest === null) {
      changed.push([i + 1, entry]);
      one.changed.add(i + 1);
    } else {
      one.good.set(entry.key, digest);
    }
  }
  const names = [...new Set(changed.slice(0, SWAPS_TRIED_MAX).map(([, entry]) => entry.name))].sort(byCodePoint);
  for (const [place, entry] of changed) {
    await nameChange(one, place, entry, changed.length <= SWAPS_TRIED_MAX ? names : []);
  }
}

async function nameChange(one, place, entry, names) {
  for (const name of names) {
    if (name !== entry.name && (await signedDigest(one, { ...entry, name }, null)) !== null) {
      one.say("problem", "swapped-name", { place, name: entry.name, other: name });
      return;
    }
  }
  one.say("problem", "signature", { place, name: entry.name });
}

function checkOrder(one) {
  const { signOns } = one.found;
  if (signOns.some((entry, i) => i > 0 && entry.key < signOns[i - 1].key)) {
    one.say("problem", "order");
  }
}

function checkOtherText(one) {
  const count = one.found.signOns.length;
  if (one.changed.size || !count) return;
  if (one.textSigned) {
    one.say("ok", "signatures", { count });
  } else {
    one.say("problem", "other-text", { count });
  }
}

function counted(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function checkDoubled(one) {
  const { signOns } = one.found;
  const keys = counted(signOns.map((entry) => entry.key));
  const signatures = counted(signOns.map((entry) => entry.signature));
  for (const [i, entry] of signOns.entries()) {
    if (keys.get(entry.key) > 1) {
      one.say("problem", "doubled.key", { place: i + 1, name: entry.name });
    } else if (signatures.get(entry.signature) > 1) {
      one.say("problem", "doubled.signature", { place: i + 1, name: entry.name });
    }
  }
}

function checkSameName(one) {
  const named = new Map();
  for (const { mode, name } of one.everybody) {
    if (mode !== "named") continue;
    const key = name.toLowerCase();
    named.set(key, [...(named.get(key) ?? []), name]);
  }
  for (const names of named.values()) {
    if (names.length > 1) {
      one.say("notice", "same-name", { count: names.length, name: names[0] });
    }
  }
}

function checkNameModes(one) {
  const permitted = one.text?.modes ?? MODES;
  for (const [i, entry] of one.found.signOns.entries()) {
    if (!permitted.includes(entry.mode)) {
      one.say("problem", "name-mode", { place: i + 1, name: entry.name });
    }
  }
}

function checkAnnex(one) {
  const hidden = one.everybody.filter((entry) => entry.mode === "addressee").length;
  if (hidden) {
    one.say("notice", "annex", { count: hidden });
  }
}

function checkCondition(one) {
  const conditional = one.everybody.filter((entry) => entry.condition !== "").length;
  if (conditional) {
    one.say("notice", "condition", { count: conditional });
  }
}

function checkLogos(one) {
  const wanted = new Set(one.everybody.map((entry) => entry.logo).filter((digest) => digest !== ""));
  const digests = one.found.logos.map((logo) => logo.digest);
  if (!ascending(digests) || digests.some((digest) => !wanted.has(digest))) {
    one.say("problem", "logo.order");
  }
  for (const { bytes, digest, text } of one.found.logos) {
    try {
      checkLogo(bytes);
      one.logos.set(digest, text);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      one.say("problem", "logo.picture", { detail: error.message });
    }
  }
  const missing = [...wanted].filter((digest) => !digests.includes(digest)).length;
  if (missing) one.say("notice", "logo-missing", { count: missing });
}

function checkLate(one) {
  if (!one.text) return;
  let late = 0;
  for (const [i, entry] of one.found.signOns.entries()) {
    if (entry.signedMs > one.text.deadlineMs) {
      late += 1;
      one.say("problem", "late", { place: i + 1, name: entry.name, at: entry.signedMs });
    }
  }
  if (!late) one.say("ok", "deadline", { at: one.text.deadlineMs });
}

function checkLanguagesRead(one) {
  if (!one.text) return;
  const languages = one.text.texts.map((part) => part.language);
  for (const entry of one.found.signOns) {
    if (entry.languagesRead.some((tag) => !languages.includes(tag))) {
      one.say("notice", "languages-read", { name: entry.name });
    }
  }
}

// --- The list as a whole

function checkCounts(one) {
  const { signOns, counts } = one.found;
  const organisations = signOns.filter((entry) => ORGANISATIONS.includes(entry.capacity)).length;
  const onSheets = one.found.paper.reduce((sum, sheet) => sum + sheet.lines.length, 0);
  if (counts.organisations !== organisations || counts.individuals !== signOns.length - organisations
    || counts.onPaper !== onSheets) {
    one.say("problem", "counts");
  }
}

function checkTally(one) {
  const lines = [];
  for (const { key, capacity, name } of one.found.signOns) {
    if (one.good.has(key)) lines.push({ key, signOn: one.good.get(key), capacity, name });
  }
  const more = [...paperTally(one), ...ringTallyLines(one.found.unnamed)];
  if (toHex(sha256(tallyText(one.found.digest, lines, more))) === one.found.release.tally) {
    one.say("ok", "tally.ok", { count: lines.length });
  } else {
    one.say("problem", "tally.changed");
  }
}

function checkEmpty(one) {
  const { paper, signOns } = one.found;
  if (!signOns.length && !paper.some((sheet) => sheet.lines.length)) one.say("problem", "empty");
}

async function checkRelease(one) {
  const { release } = one.found;
  if (!(await one.holds(release.key, releaseText(one.found.digest, release), release.signature,
    { key: "release", values: {} }))) {
    one.say("problem", "release.forged");
    return;
  }
  one.say("ok", "release.ok", { at: release.releasedMs });
  if (release.notBeforeMs) {
    one.say("notice", "embargo", { at: release.notBeforeMs });
  }
  checkClocks(one);
}

function checkClocks(one) {
  if (one.found.signOns.some((entry) => entry.signedMs > one.found.release.releasedMs)) {
    one.say("notice", "clocks");
  }
}

async function checkWithdrawal(one) {
  const { names } = one;
  const told = new Set(one.withdrawn); // in an addendum
  const keys = one.found.withdrawals.map((withdrawal) => withdrawal.key);
  if (keys.some((key, i) => i > 0 && key <= keys[i - 1])) {
    one.say("problem", "doubled-withdrawal");
  }
  for (const { key, signature, withdrawnMs } of one.found.withdrawals) {
    const signed = one.good.get(key);
    if (signed === undefined || told.has(key)) {
      one.say("problem", "withdrawal.stray");
    } else if (!(await one.holds(key, withdrawalText(one.found.digest, key, signed, withdrawnMs), signature,
      { key: "withdrawal", values: {} }))) {
      one.say("problem", "withdrawal.forged", { name: names.get(key) });
    } else {
      one.withdrawn.add(key);
      one.say("notice", "withdrawn", { name: names.get(key), at: withdrawnMs });
    }
  }
}

const CHECKS = Object.freeze([
  checkTextDigest, checkTextForm, checkDirection, checkRules, checkVersion, checkComposition,
  checkSignature, checkOrder, checkOtherText, checkDoubled, checkSameName, checkNameModes,
  checkAnnex, checkCondition, checkLogos, checkLate, checkLanguagesRead, ...PAPER_CHECKS,
  checkCounts, checkTally, checkEmpty, checkRelease, checkAddenda, checkWithdrawal, checkPaperWithdrawal,
  checkUnnamed,
]);

function recounted(one) {
  const good = new Map();
  for (const { key, capacity } of one.everybody) {
    if (one.textSigned && one.good.has(key)) good.set(key, capacity);
  }
  const organisations = [...good.values()].filter((capacity) => ORGANISATIONS.includes(capacity)).length;
  const { lines: onSheets, witnesses } = onPaper(one);
  const atRelease = new Set(one.found.signOns.map((entry) => entry.key));
  return {
    organisations,
    individuals: good.size - organisations,
    withdrawn: one.withdrawn.size,
    since: [...good.keys()].filter((key) => !atRelease.has(key)).length,
    addenda: one.found.addenda.length,
    onPaper: onSheets,
    witnesses,
    unnamed: one.textSigned ? one.unnamed : 0,
  };
}

function hasChanged(one, { addendum, index, place }) {
  return addendum ? one.addedChanged.has(`${index} ${place}`) : one.changed.has(place + 1);
}

// What a package proves: never throws for what is in the bytes.
async function examine(bytes) {
  let found;
  try {
    found = decodePackage(bytes);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return {
      sound: false, findings: [finding("problem", error.code, { detail: error.message })], disagreements: [], digest: "",
      text: null, releasedMs: -1, notBeforeMs: 0,
      counts: {
        organisations: 0, individuals: 0, withdrawn: 0, since: 0, addenda: 0, onPaper: 0, witnesses: 0, unnamed: 0,
      },
      signatories: [], onPaper: [],
    };
  }
  const one = new Examination(found, await browserCan());
  for (const check of CHECKS) await check(one);
  one.disagreements.push(...(await Promise.all(one.opinions)).filter((place) => place !== null));
  const problems = one.findings.filter((finding) => finding.severity === "problem");
  return {
    sound: problems.length === 0 && one.disagreements.length === 0,
    findings: one.findings,
    disagreements: one.disagreements,
    digest: one.digest,
    text: one.text,
    releasedMs: found.release.releasedMs,
    notBeforeMs: found.release.notBeforeMs,
    counts: recounted(one),
    signatories: one.everybody.map((entry) => ({
      ...entry, holds: one.textSigned && !hasChanged(one, entry), withdrawn: one.withdrawn.has(entry.key),
      png: one.logos.get(entry.logo) ?? "",
    })),
    onPaper: paperSignatories(one),
  };
}
