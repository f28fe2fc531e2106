// Calls and replies. Law: the same bytes as wire/call.py, wire/reply.py and wire/signatory_key.py.

const REPLY_CLASSES = Object.freeze([512, 1024, 2048, 4096]);
const CALL_LINES_MAX = 8;
const REPLY_INFO = toBytes("meshcoal reply 1\0");
const QR_CHARS_MAX = 2_900;

function refuseCall(message) {
  throw new Refusal("malformed-call", message);
}

function base64url(bytes) {
  let spelled = "";
  for (const byte of bytes) spelled += String.fromCharCode(byte);
  return btoa(spelled).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64url(text) {
  try {
    const spelled = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(spelled, (char) => char.charCodeAt(0));
    if (base64url(bytes) === text) return bytes;
  } catch {
    // told below
  }
  return refuseCall("the key is not in base64");
}

// The call that a page holds. Its letter is read by `parseCanonicalText`, which takes one spelling and no other.
function parseCall(bytes) {
  const text = readUtf8(bytes);
  const blank = text.indexOf("\n\n");
  if (!text.startsWith("meshcoal call 1\n") || blank < 0) refuseCall("this is no call: it does not begin as one");
  const lines = text.slice(0, blank).split("\n").slice(1);
  const letter = text.slice(blank + 2);
  const one = (key) => {
    const line = lines.shift() ?? "";
    if (!line.startsWith(`${key}: `)) refuseCall(`the call lacks its \`${key}\``);
    return line.slice(key.length + 2);
  };
  const several = (key) => {
    const found = [one(key)];
    while (found.length < CALL_LINES_MAX && (lines[0] ?? "").startsWith(`${key}: `)) found.push(one(key));
    return found.map((line) => requiredLine(line, key));
  };
  const call = {
    untilMs: readTime(one("until")),
    readers: one("readers"),
    asks: requiredLine(one("asks"), "who asks"),
    replyTo: several("reply to"),
    data: several("data"),
    key: fromBase64url(one("key")),
    digest: readHex(one("statement"), 32, "the letter's digest"),
    letter,
    hash: sha256(bytes),
  };
  if (readNumber(one("bytes")) !== toBytes(letter).length || lines.length) refuseCall("the call has another form");
  if (toHex(sha256(toBytes(letter))) !== call.digest) refuseCall("the letter in the call is not the one that it names");
  call.text = parseCanonicalText(letter);
  return call;
}

function callCode(call) {
  return toHex(call.hash).slice(0, 20).replace(/(.{5})(?=.)/g, "$1 ");
}

// --- What is said

// Composed, runs of white space as one blank, nothing that a value refuses: as `normalise_line`.
function normaliseLine(text) {
  const bad = new RegExp(BAD_IN_LINE.source, "gu");
  const cleaned = text.replace(bad, (char) => (/\s/.test(char) && char !== "\ufeff" ? " " : "")).normalize("NFC");
  const line = cleaned.split(/\s+/u).filter((part) => part !== "").join(" ");
  return isBlank(line) ? "" : line;
}

function paddedReply(kind, key, signature, text) {
  const tail = toBytes(text.split("\n").slice(3).join("\n"));
  const plain = joined(toBytes(kind), fromHex(key), signature, tail, new Uint8Array([0x80]));
  const size = REPLY_CLASSES.find((bytes) => plain.length <= bytes);
  if (size === undefined) refuse("there is more in this sign-on than a reply can hold");
  const whole = new Uint8Array(size);
  whole.set(plain);
  return whole;
}

function replyTo(call, kind, key, signature, text, chance) {
  const plain = paddedReply(kind, key, signature, text);
  return `meshcoal-reply-1:${base64url(sealTo(call.key, joined(REPLY_INFO, call.hash), plain, chance))}.`;
}

// Signs the letter; the signature is judged here by what judges it in a released letter.
function signed(call, seed, entry, chance) {
  hashes.sha512 = sha512;
  const key = toHex(getPublicKey(seed));
  const bytes = signOnText(call.digest, { ...entry, key });
  const signature = sign(bytes, seed);
  if (!judged(key, bytes, toHex(signature))) throw new Error("the signature does not hold");
  const text = readUtf8(bytes);
  return { key, signOn: toHex(sha256(bytes)), reply: replyTo(call, "S", key, signature, text, chance) };
}

function takenBack(call, seed, signOn, atMs, chance) {
  hashes.sha512 = sha512;
  const key = toHex(getPublicKey(seed));
  const bytes = withdrawalText(call.digest, key, signOn, atMs);
  const signature = sign(bytes, seed);
  if (!judged(key, bytes, toHex(signature))) throw new Error("the signature does not hold");
  return replyTo(call, "W", key, signature, readUtf8(bytes), chance);
}

// --- The file that a signatory keeps

function keyFile(digest, signOn, seed) {
  return ["meshcoal signatory key 1",
    "Keep this secret. Whoever has it can take back your signature, or sign this letter anew.",
    `statement: ${digest}`, `sign-on: ${signOn}`, `seed: ${toHex(seed)}`, ""].join("\n");
}

function parseKeyFile(text) {
  const clean = text.replace(/^\ufeff/, "").replaceAll("\r\n", "\n");
  const value = (key) => (clean.split("\n").find((line) => line.startsWith(`${key}: `)) ?? "").slice(key.length + 2);
  const digest = readHex(value("statement"), 32, "the letter's digest");
  const signOn = readHex(value("sign-on"), 32, "the sign-on");
  const seed = fromHex(readHex(value("seed"), 32, "the key"));
  if (keyFile(digest, signOn, seed) !== clean) refuse("this is no key file, or it was changed");
  return { digest, signOn, seed };
}

function inLines(text) {
  return `${text.match(/.{1,76}/g).join("\n")}\n`;
}
