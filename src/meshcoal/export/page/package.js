// The package: JSON in its one spelling (RFC 8785). Law: takes exactly what wire/package.py takes.

const CAPACITIES = Object.freeze([
  "organisation", "individual", "individual-affiliation-not-endorsing", "network",
]);
const ORGANISATIONS = Object.freeze(["organisation", "network"]);

function checkBounds(bytes) {
  if (bytes.length > LIMITS.fileBytes) throw new Refusal("over-limit", "a package is smaller");
  let containers = 0;
  let separators = 0;
  for (const byte of bytes) {
    if (byte === 0x5b || byte === 0x7b) containers += 1;
    else if (byte === 0x2c) separators += 1;
  }
  if (containers > LIMITS.containers || separators > LIMITS.separators) {
    throw new Refusal("over-limit", "the file holds more parts than a package can have");
  }
}

function parseJson(bytes) {
  try {
    return JSON.parse(readUtf8(bytes));
  } catch {
    return refuse("the file is not JSON in UTF-8");
  }
}

// Takes an object apart field by field, and insists that nothing is left.
class Fields {
  constructor(value, what) {
    if (value === null || typeof value !== "object" || Array.isArray(value)) refuse(`${what} is not an object`);
    this.left = new Map(Object.entries(value));
    this.what = what;
  }

  take(key) {
    if (!this.left.has(key)) refuse(`${this.what} lacks the field \`${key}\``);
    const value = this.left.get(key);
    this.left.delete(key);
    return value;
  }

  text(key) {
    const value = this.take(key);
    if (typeof value !== "string") refuse(`\`${key}\` of ${this.what} is not text`);
    return value;
  }

  number(key) {
    const value = this.take(key);
    if (!Number.isInteger(value) || value < 0 || value >= 10 ** LIMITS.digits) {
      refuse(`\`${key}\` of ${this.what} is not a number`);
    }
    return value;
  }

  items(key) {
    const value = this.take(key);
    if (!Array.isArray(value) || value.length > LIMITS.signatories) {
      refuse(`\`${key}\` of ${this.what} is not a list of at most ${LIMITS.signatories}`);
    }
    return value;
  }

  texts(key) {
    const values = this.items(key);
    if (!values.every((value) => typeof value === "string")) {
      refuse(`\`${key}\` of ${this.what} is not a list of texts`);
    }
    return values;
  }

  finish() {
    if (this.left.size === 0) return;
    const name = [...this.left.keys()].sort(byCodePoint)[0];
    const shown = /^[A-Za-z_][A-Za-z0-9_]{0,39}$/.test(name) ? ` \`${name}\`` : "";
    refuse(`${this.what} has a field${shown} that this version does not know`);
  }
}

function readSignOn(item) {
  const fields = new Fields(item, "a sign-on");
  const capacity = fields.text("capacity");
  if (!CAPACITIES.includes(capacity)) refuse("a capacity is unknown");
  const mode = fields.text("mode");
  if (!MODES.includes(mode)) refuse("a name mode is unknown");
  const entry = {
    capacity, mode,
    key: readHex(fields.text("key"), 32, "a key"),
    name: fits(optionalLine(fields.text("name"), "a name"), 0, LIMITS.name, "name"),
    names: fits(fields.items("names").map(readNameIn), 0, LIMITS.names, "names"),
    members: fits(fields.number("members"), 0, LIMITS.networkMembers, "members"),
    logo: optionalHex(fields.text("logo"), "a logo"),
    annex: optionalHex(fields.text("annex"), "an annex"),
    condition: optionalHex(fields.text("condition"), "a condition"),
    title: fits(optionalLine(fields.text("title"), "a title"), 0, LIMITS.name, "title"),
    affiliation: fits(optionalLine(fields.text("affiliation"), "an affiliation"), 0, LIMITS.name, "affiliation"),
    country: fits(optionalLine(fields.text("country"), "a country"), 0, LIMITS.name, "country"),
    languagesRead: fits(fields.texts("languages_read"), 0, LIMITS.languages, "languages read"),
    signedMs: readTime(fields.text("signed")),
    signature: readHex(fields.text("signature"), 64, "a signature"),
  };
  for (const tag of entry.languagesRead) fits(tag, 2, LIMITS.languageTag, "a language");
  fields.finish();
  return entry;
}

function readNameIn(item) {
  const fields = new Fields(item, "a name");
  const name = {
    language: fits(fields.text("language"), 2, LIMITS.languageTag, "a language"),
    name: fits(requiredLine(fields.text("name"), "a name"), 1, LIMITS.name, "name"),
  };
  fields.finish();
  return name;
}

function optionalHex(text, what) {
  return text === "" ? "" : readHex(text, 32, what);
}

function readLogo(text) {
  const bytes = fromBase64(text);
  if (bytes === null || !bytes.length || bytes.length > LIMITS.logoBytes || /[\r\n]/.test(text)) {
    refuse("a logo is too large, or not in base64");
  }
  return { text, bytes, digest: toHex(sha256(bytes)) };
}

// Bytes of base64 in its one spelling, less line breaks; null for anything else.
function fromBase64(text) {
  try {
    const compact = text.replace(/[\r\n]/g, "");
    const spelled = atob(compact);
    if (btoa(spelled) !== compact) return null;
    return Uint8Array.from(spelled, (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}

function readWithdrawal(item) {
  const fields = new Fields(item, "a withdrawal");
  const withdrawal = {
    key: readHex(fields.text("key"), 32, "a key"),
    withdrawnMs: readTime(fields.text("withdrawn")),
    signature: readHex(fields.text("signature"), 64, "a signature"),
  };
  fields.finish();
  return withdrawal;
}

function decodePackage(bytes) {
  checkBounds(bytes);
  const top = new Fields(parseJson(bytes), "the package");
  if (top.text("format") !== "meshcoal package 1") refuse("the file does not say `meshcoal package 1`");
  const release = new Fields(top.take("release"), "the release");
  const tally = new Fields(top.take("tally"), "the tally");
  const found = {
    canonicalText: fits(top.text("canonical_text"), 1, LIMITS.statementChars, "canonical text"),
    digest: readHex(top.text("digest"), 32, "the digest"),
    signOns: top.items("sign_ons").map(readSignOn),
    withdrawals: top.items("withdrawals").map(readWithdrawal),
    release: {
      key: readHex(release.text("key"), 32, "a key"),
      releasedMs: readTime(release.text("released")),
      tally: readHex(release.text("tally"), 32, "the tally's digest"),
      signature: readHex(release.text("signature"), 64, "a signature"),
      notBeforeMs: readMoment(release.text("not_before")),
    },
    counts: {
      organisations: tally.number("organisations"), individuals: tally.number("individuals"),
      onPaper: tally.number("on_paper"),
    },
    logos: top.texts("logos").map(readLogo),
    addenda: fits(top.items("addenda"), 0, LIMITS.addenda, "addenda").map(readAddendum),
    paper: fits(top.items("paper").map(readSheet), 0, LIMITS.paperSheets, "paper"),
    paperWithdrawals: top.items("paper_withdrawals").map(readPaperWithdrawal),
    unnamed: readCount(top.take("unnamed")),
  };
  if (tally.number("counted") !== found.signOns.length) {
    refuse("the package does not hold as many sign-ons as it says");
  }
  for (const fields of [top, release, tally]) fields.finish();
  if (!sameBytes(encodePackage(found), bytes)) refuse("the file is not in its one canonical spelling");
  return found;
}

function readMoment(text) {
  return text === "" ? 0 : readTime(text);
}

function sameBytes(one, other) {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

function plainSignOn(entry) {
  return {
    affiliation: entry.affiliation,
    annex: entry.annex,
    capacity: entry.capacity,
    condition: entry.condition,
    country: entry.country,
    key: entry.key,
    languages_read: entry.languagesRead,
    logo: entry.logo,
    members: entry.members,
    mode: entry.mode,
    name: entry.name,
    names: entry.names.map((one) => ({ language: one.language, name: one.name })),
    signature: entry.signature,
    signed: spellTime(entry.signedMs),
    title: entry.title,
  };
}

function plainWithdrawal(withdrawal) {
  return {
    key: withdrawal.key,
    signature: withdrawal.signature,
    withdrawn: spellTime(withdrawal.withdrawnMs),
  };
}

// Names are written in ascending order; JSON.stringify keeps the order and spells texts as RFC 8785 does.
function encodePackage(found) {
  return toBytes(JSON.stringify({
    addenda: found.addenda.map(plainAddendum),
    canonical_text: found.canonicalText,
    digest: found.digest,
    format: "meshcoal package 1",
    logos: found.logos.map((logo) => logo.text),
    paper: found.paper.map(plainSheet),
    paper_withdrawals: found.paperWithdrawals.map(plainPaperWithdrawal),
    release: {
      key: found.release.key,
      not_before: found.release.notBeforeMs ? spellTime(found.release.notBeforeMs) : "",
      released: spellTime(found.release.releasedMs),
      signature: found.release.signature,
      tally: found.release.tally,
    },
    sign_ons: found.signOns.map(plainSignOn),
    tally: {
      counted: found.signOns.length,
      individuals: found.counts.individuals,
      on_paper: found.counts.onPaper,
      organisations: found.counts.organisations,
    },
    unnamed: plainCount(found.unnamed),
    withdrawals: found.withdrawals.map(plainWithdrawal),
  }));
}
