// What a reader sees. Law: everything shown is rebuilt from the bytes that were checked; texts enter the page as text,
// never as markup.

const GROUPS = Object.freeze([
  ["organisation", "Organisations"],
  ["network", "Networks, each on behalf of its members"],
  ["individual", "Individuals"],
  ["individual-affiliation-not-endorsing",
    "Individuals; the affiliation is named to identify them and does not endorse"],
]);
const IN_WORDS = Object.freeze({ ok: "Holds", notice: "Note", problem: "Wrong" });

function showFacts(report) {
  const facts = [];
  if (report.text) {
    if (report.text.addressees.length) {
      const lines = report.text.addressees.map((addressee) => node("dd", {}, own(addressee)));
      facts.push(node("dt", {}, "To"), ...lines);
    }
    facts.push(node("dt", {}, "Deadline"), node("dd", {}, isoUtc(report.text.deadlineMs)));
    if (report.text.version > 1) {
      facts.push(node("dt", {}, "Version"), node("dd", {}, String(report.text.version)));
    }
  }
  if (report.releasedMs >= 0) {
    facts.push(node("dt", {}, "Released"), node("dd", {}, isoUtc(report.releasedMs)));
  }
  if (report.notBeforeMs) {
    facts.push(node("dt", {}, "Not to be published before"), node("dd", {}, isoUtc(report.notBeforeMs)));
  }
  facts.push(node("dt", {}, "Signatures that hold"), node("dd", {}, talliedInWords(report.counts)));
  if (report.digest) {
    facts.push(node("dt", {}, "Digest (SHA-256)"), node("dd", {}, node("code", {}, report.digest)));
  }
  put("facts", ...facts);
}

function talliedInWords(counts) {
  const withdrawn = counts.withdrawn ? `; ${counts.withdrawn} withdrew since` : "";
  return `${plural(counts.organisations, "organisation", "organisations")}, `
    + `${plural(counts.individuals, "individual", "individuals")}${withdrawn}`;
}

// What stands on a signatory's line: the same parts as export/letter.py.
function shownParts(entry, languages) {
  if (entry.mode === "addressee") return ["named to the addressee only"];
  const names = new Map(entry.names.map((one) => [one.language, one.name]));
  const tags = languages.flatMap((language) => [language, language.split("-")[0]]);
  const first = tags.map((tag) => names.get(tag)).find((name) => name !== undefined) ?? entry.name;
  const others = [entry.name, ...entry.names.map((one) => one.name)].filter((name) => name !== first);
  const parts = [first, ...new Set(others), entry.title, entry.affiliation, entry.country];
  if (entry.mode === "role") parts.push("by role, without a name");
  if (entry.members) parts.push(`on behalf of ${entry.members} members`);
  return parts.filter((part) => part !== "");
}

// In which languages the name is looked for: the reader's, as the browser tells them, then the letter's first.
function readersLanguages(report) {
  const told = (navigator.languages ?? []).map((tag) => tag.toLowerCase());
  return [...told, ...(report.text ? [report.text.texts[0].language] : [])];
}

function signatory(entry, languages) {
  const line = node("li", {}, ...listed(shownParts(entry, languages)));
  if (entry.png) line.prepend(node("img", { alt: "", src: `data:image/png;base64,${entry.png}` }), " ");
  if (!entry.holds) line.append(" ", node("strong", { class: "bad" }, "THE SIGNATURE DOES NOT HOLD"));
  else if (entry.withdrawn) line.append(" ", node("em", {}, "withdrew after the release"));
  return line;
}

function byName(one, other) {
  return byCodePoint(one.name, other.name) || byCodePoint(one.key, other.key);
}

function showSignatories(report) {
  const parts = [];
  const languages = readersLanguages(report);
  for (const [capacity, heading] of GROUPS) {
    const members = report.signatories.filter((entry) => entry.capacity === capacity).sort(byName);
    if (members.length) {
      parts.push(node("h3", {}, `${heading} (${members.length})`), node("ul", {}, ...members.map((entry) => signatory(entry, languages))));
    }
  }
  put("signatories", ...parts);
  put("keys", ...[...report.signatories].sort(byName).map((entry) => node(
    "li", {}, own(called(entry)), " ", node("code", {}, entry.key), ` ${spellTime(entry.signedMs)}`,
  )));
}

function showFindings(report) {
  const lines = report.findings.map((finding) => node(
    "li", { class: finding.severity }, node("strong", {}, IN_WORDS[finding.severity]), ": ",
    node("bdi", { dir: "ltr" }, finding.sentence), " (", node("code", {}, finding.code), ")",
  ));
  for (const place of report.disagreements) {
    lines.push(node("li", { class: "problem" }, node("strong", {}, "Wrong"),
      `: two judges disagree about ${place}. Do not rely on this page or this browser; use the command below.`));
  }
  put("findings", ...lines);
}

function showVerdict(report) {
  const wrong = report.findings.filter((finding) => finding.severity === "problem").length
    + report.disagreements.length;
  const place = document.getElementById("verdict");
  place.className = report.sound ? "sound" : "not-sound";
  place.textContent = report.sound
    ? "Sound, says this page: the text, the list and every signature hold."
    : `NOT SOUND: ${plural(wrong, "thing is wrong", "things are wrong")}. Do not rely on this letter.`;
}

function show(report) {
  showTexts(report.text?.texts ?? []);
  showFacts(report);
  showSignatories(report);
  showFindings(report);
  showVerdict(report);
}

function packageBytes(base64) {
  return fromBase64(base64) ?? new Uint8Array(0); // refused as no package
}

async function start() {
  const place = document.getElementById("verdict");
  place.textContent = "Checking\u2026";
  const embedded = document.querySelectorAll("script#package");
  const bytes = embedded.length === 1 ? packageBytes(embedded[0].textContent) : new Uint8Array(0);
  const began = performance.now();
  try {
    const report = await examine(bytes);
    show(report);
    document.documentElement.dataset.checkedMs = String(Math.round(performance.now() - began));
  } catch (error) {
    // A bug of ours, or a browser that lacks something: nothing unchecked may look checked.
    place.className = "not-sound";
    place.textContent = `NOT CHECKED: this page could not do its work here (${error.name}). Use the command below.`;
  }
}

// The same check on other bytes: what the page's own tests and other people's call.
globalThis.meshcoalExamine = async (base64) => JSON.stringify(await examine(packageBytes(base64)));

start();
