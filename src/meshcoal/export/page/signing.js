// Ed25519 (RFC 8032): who signed. Law: the same verdict as crypto/signing.py, on every key and every signature.
//
// Points and their strict reading (zip215: false) are those of noble-ed25519, which stands above, unchanged. The
// equation is put together here, because noble's `verify` multiplies it by the cofactor: it takes a signature whose R
// has a part of small order, which libsodium and browsers refuse, and it does not ask whether a key is of prime order.

const ORDER = Point.CURVE().n;
const SEED_CHECK = {
  key: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
  signature: "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
    + "d25bf5f0595bbe24655141438e7a100b",
}; // RFC 8032 section 7.1, test 1: the empty message

function fromHex(hex) {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function littleEndian(bytes) {
  return BigInt(`0x${toHex(Uint8Array.from(bytes).reverse())}`);
}

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function point(bytes) {
  try {
    return Point.fromBytes(bytes, false);
  } catch {
    return null; // y not below p, or not on the curve
  }
}

// The digits -1, 0 and 1 of a number, lowest first, of which no two neighbours are other than 0: fewer additions.
function nonAdjacent(number) {
  const digits = [];
  for (let left = number; left > 0n; left >>= 1n) {
    const digit = left & 1n ? 2 - Number(left & 3n) : 0;
    digits.push(digit);
    left -= BigInt(digit);
  }
  return digits;
}

const ORDER_DIGITS = nonAdjacent(ORDER);

// [k]A, and whether [order]A is the neutral point. Both walk over the same doublings: that halves the time.
function multiplied(a, k) {
  const digits = nonAdjacent(k); // k is below the order: never more digits than it has
  let doubled = a;
  let product = Point.ZERO;
  let neutral = Point.ZERO;
  const plus = (sum, digit) => (digit === 1 ? sum.add(doubled) : digit === -1 ? sum.subtract(doubled) : sum);
  for (let i = 0; i < ORDER_DIGITS.length; i += 1) {
    product = plus(product, digits[i] ?? 0);
    neutral = plus(neutral, ORDER_DIGITS[i]);
    doubled = doubled.double();
  }
  return { product, primeOrder: neutral.is0() };
}

function judged(keyHex, message, signatureHex) {
  const keyBytes = fromHex(keyHex);
  const signature = fromHex(signatureHex);
  const a = point(keyBytes);
  const r = point(signature.subarray(0, 32));
  const s = littleEndian(signature.subarray(32));
  if (a === null || r === null || s >= ORDER) return false;
  // Of all points that the equation lets through with a key of prime order, only this one is of small order.
  if (a.is0() || r.is0()) return false;
  const k = littleEndian(sha512(joined(signature.subarray(0, 32), keyBytes, message))) % ORDER;
  const { product, primeOrder } = multiplied(a, k);
  return primeOrder && Point.BASE.multiply(s, false).equals(r.add(product));
}

// The second opinion: the browser's own Ed25519 where it has one, else noble's `verify` as it was published.
async function browserSays(keyHex, message, signatureHex) {
  const subtle = globalThis.crypto.subtle;
  const key = await subtle.importKey("raw", fromHex(keyHex), { name: "Ed25519" }, false, ["verify"]);
  return subtle.verify({ name: "Ed25519" }, key, fromHex(signatureHex), message);
}

async function browserCan() {
  if (!globalThis.crypto?.subtle) return false;
  try {
    return await browserSays(SEED_CHECK.key, new Uint8Array(0), SEED_CHECK.signature);
  } catch {
    return false; // it does not know Ed25519
  }
}

function nobleSays(keyHex, message, signatureHex) {
  hashes.sha512 = sha512;
  return verify(fromHex(signatureHex), message, fromHex(keyHex), { zip215: false });
}

async function secondOpinion(byBrowser, keyHex, message, signatureHex) {
  if (!byBrowser) return nobleSays(keyHex, message, signatureHex);
  try {
    return await browserSays(keyHex, message, signatureHex);
  } catch {
    return false; // a key that it does not take
  }
}
