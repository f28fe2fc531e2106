// Signing in the page. Law: the letter that is shown is the one that is signed; nothing is kept, fetched or sent; what was
// typed enters the page as text, and leaves it sealed. What the page says is looked up, so another language can be
// chosen at any time: `saidAt` keeps what stands where.

const CHANCE = (count) => globalThis.crypto.getRandomValues(new Uint8Array(count));
const saidAt = new Map(); // id -> key and values

// What somebody who signs can mend, said in their language.
class Mendable extends Error {
  constructor(key, values = {}) {
    super(key);
    this.key = key;
    this.values = values;
  }
}

function mend(key, values = {}) {
  throw new Mendable(key, values);
}

function at(id) {
  return document.getElementById(id);
}

function show(id, shown = true) {
  at(id).hidden = !shown;
}

function say(id, key, values = {}) {
  saidAt.set(id, { key, values });
  put(id, ...said(key, values));
}

function hush(id) {
  saidAt.delete(id);
  put(id);
}

function offer(id, name, text) {
  const link = at(id);
  if (link.href) URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = name;
  say(id, "call.save", { file: name });
}

function drawQr(text) {
  const rows = lib_qr_index.encodeQR(text, "raw", { ecc: "low", border: 4 }); // ISO/IEC 18004, section 5.3.8
  const path = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : "")));
  const made = (name, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };
  const picture = made("svg", { viewBox: `0 0 ${rows.length} ${rows.length}`, "shape-rendering": "crispEdges", role: "img",
    "data-label": "call.qr", "aria-label": said("call.qr").join("") });
  picture.append(made("path", { d: path.join("") }));
  return picture;
}

// --- What stands in the page before anybody signs

function sayReaders(readers) {
  const [needed, most] = readers.split(" of ").map(Number);
  if (most === 1) say("readers", "call.reads_one");
  else say("readers", "call.reads_several", { needed, most });
}

function fact(key, ...values) {
  return [node("dt", {}, ...said(key)), ...values.map((value) => node("dd", {}, value))];
}

function nameField({ language }) {
  const id = `name-${language}`;
  return node("div", { class: "field" },
    node("label", { for: id }, ...said("call.name_in", { tongue: language })),
    node("input", { id, class: "name-in", "data-language": language, dir: "auto", autocomplete: "off" }));
}

function readBox({ language }) {
  return node("label", { class: "box" },
    node("input", { type: "checkbox", name: "read", value: language }), " ", tongue(language), " ");
}

// Draws anew what depends on the language, and keeps what was entered.
function showCall(call) {
  const names = new Map([...document.querySelectorAll("input.name-in")].map((field) => [field.id, field.value]));
  const read = [...document.querySelectorAll("input[name=read]:checked")].map((box) => box.value);
  const { texts, addressees } = call.text;
  showTexts(texts);
  put("facts",
    ...fact("call.asks", own(call.asks)),
    ...(addressees.length ? fact("letter.to", ...addressees.map(own)) : []),
    ...fact("call.until", moment(call.untilMs)),
    ...fact("call.digest", coded(call.digest)));
  put("code", callCode(call));
  put("data", ...call.data.flatMap((line) => [own(line), " "]));
  put("reply-to", ...call.replyTo.map((line) => node("li", {}, own(line))));
  put("names", ...texts.map(nameField));
  put("read", ...texts.map(readBox));
  for (const [id, value] of names) at(id).value = value;
  for (const box of document.querySelectorAll("input[name=read]")) box.checked = read.includes(box.value);
  say("type", "call.type", { word: plainWord() });
  for (const [id, { key, values }] of [...saidAt]) say(id, key, values);
}

function plainWord() {
  return WORDS[reading].words["call.word"];
}

function entered() {
  const line = (id) => {
    const clean = normaliseLine(at(id).value);
    if (charsIn(clean) > LIMITS.name) mend("call.too_many_chars", { most: LIMITS.name });
    return clean;
  };
  const needed = (id, key) => line(id) || mend(key);
  const capacity = at("capacity").value;
  const affiliated = capacity === "individual-affiliation-not-endorsing";
  return {
    capacity,
    name: needed("name", "call.name_missing"),
    title: line("title"),
    affiliation: affiliated ? needed("affiliation", "call.affiliation_missing") : "",
    country: line("country"),
    names: [...document.querySelectorAll("input.name-in")]
      .map((field) => ({ language: field.dataset.language, name: line(field.id) }))
      .filter((one) => one.name !== "")
      .sort((one, other) => (one.language < other.language ? -1 : 1)),
    members: capacity === "network" ? members() : 0,
    mode: "named", logo: "", annex: "", condition: "",
    languagesRead: [...document.querySelectorAll("input[name=read]:checked")].map((box) => box.value).sort(),
    signedMs: Math.floor(Date.now() / 1000) * 1000,
  };
}

// The number in a field, in whichever digits it was typed.
function members() {
  const digits = Object.values(WORDS).map((one) => [...one.digits]);
  const typed = Array.from(normaliseLine(at("members").value), (char) => {
    const own = digits.find((ten) => ten.includes(char));
    return own ? String(own.indexOf(char)) : char;
  }).join("");
  const count = Number(typed);
  if (!Number.isInteger(count) || count < 1 || count > LIMITS.networkMembers) mend("call.members_wrong");
  return count;
}

function agreed() {
  const simple = (word) => word.normalize("NFC").trim().toLowerCase();
  if (!at("consent").checked) mend("call.tick");
  if (simple(at("word").value) !== simple(plainWord())) mend("call.type_word");
}

function told(place, work) {
  hush(place);
  try {
    work();
  } catch (error) {
    if (error instanceof Mendable) say(place, error.key, error.values);
    else if (error instanceof Refusal) say(place, "call.not_done", { detail: error.message });
    else throw error;
  }
}

function signNow(call) {
  agreed();
  const entry = entered();
  if (entry.signedMs > call.text.deadlineMs && !at("late").checked) {
    show("late-field");
    mend("call.over");
  }
  const seed = CHANCE(32);
  const made = signed(call, seed, entry, CHANCE);
  const stem = call.digest.slice(0, 8);
  at("reply").value = made.reply;
  offer("reply-file", `reply-${stem}.meshcoal-reply.txt`, inLines(made.reply));
  offer("key-file", `my-key-${stem}.meshcoal-key.txt`, keyFile(call.digest, made.signOn, seed));
  if (made.reply.length > QR_CHARS_MAX) say("qr", "call.too_long");
  else put("qr", drawQr(made.reply));
  show("signing", false);
  show("done");
  at("done").scrollIntoView();
}

function keptKey(text) {
  try {
    return parseKeyFile(text);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return mend("call.no_key_file");
  }
}

async function withdrawNow(call) {
  const [file] = at("key").files;
  const text = file && file.size <= 4_096 ? await file.text() : "";
  told("withdraw-trouble", () => {
    const kept = keptKey(text);
    if (kept.digest !== call.digest) mend("call.other_letter");
    const reply = takenBack(call, kept.seed, kept.signOn, Math.floor(Date.now() / 1000) * 1000, CHANCE);
    at("withdrawal").value = reply;
    offer("withdrawal-file", `withdrawal-${call.digest.slice(0, 8)}.meshcoal-reply.txt`, inLines(reply));
    show("withdrawn");
  });
}

async function copyReply() {
  const place = at("reply");
  place.select();
  try {
    await navigator.clipboard.writeText(place.value);
    say("copied", "call.copied");
  } catch {
    say("copied", "call.not_copied"); // browsers hand the clipboard out where they like
  }
}

function start() {
  delete at("verdict").dataset.word;
  let redraw = () => {};
  offerLanguages(() => redraw());
  redraw = () => saidAt.forEach(({ key, values }, id) => say(id, key, values));
  try {
    const call = parseCall(fromBase64(at("call").textContent));
    say("verdict", "call.decide");
    sayReaders(call.readers);
    redraw = () => showCall(call);
    redraw();
    at("capacity").addEventListener("change", () => {
      show("affiliation-field", at("capacity").value === "individual-affiliation-not-endorsing");
      show("members-field", at("capacity").value === "network");
    });
    at("sign").addEventListener("click", () => told("trouble", () => signNow(call)));
    at("withdraw").addEventListener("click", () => withdrawNow(call));
    at("copy").addEventListener("click", copyReply);
    show("signing");
    show("withdrawing");
    document.documentElement.dataset.ready = "yes";
  } catch (error) {
    at("verdict").className = "not-sound";
    if (error instanceof Refusal) say("verdict", "call.do_not", { detail: error.message });
    else say("verdict", "call.unable", { detail: error.name });
  }
}

// What the page's own tests call.
globalThis.meshcoalAnswer = { parseCall, signed, normaliseLine, fromBase64, keyFile };

start();
