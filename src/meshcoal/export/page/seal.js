// Sealing to a call's key: HPKE base mode (RFC 9180), X-Wing (draft-connolly-cfrg-xwing-kem), HKDF-SHA256,
// ChaCha20-Poly1305. Law: the same bytes as crypto/agreement.py opens; one fresh ephemeral key a message.
//
// ML-KEM-768, X25519, SHA3-256 and ChaCha20-Poly1305 are noble's; what joins them is ours and unreviewed. That the other
// side, which is held against the standards' vectors, opens what is sealed here: tests/export/test_call_page.py.

const { ml_kem768 } = lib_post_quantum_ml_kem;
const { sha3_256 } = lib_hashes_sha3;
const { chacha20poly1305 } = lib_ciphers_chacha;

const FIELD = 2n ** 255n - 19n;
const ML_KEM_KEY_BYTES = 1184;
const CALL_KEY_BYTES = 1216;
const X_WING_LABEL = new Uint8Array([0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c]);
const SUITE = new Uint8Array([...toBytes("HPKE"), 0x64, 0x7a, 0, 1, 0, 3]);
const NOTHING = new Uint8Array(0);

function inverse(x) {
  let result = 1n;
  let base = lib_curves_abstract_modular.mod(x, FIELD);
  for (let left = FIELD - 2n; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * base) % FIELD;
    base = (base * base) % FIELD;
  }
  return result;
}

function clamped(bytes) { // RFC 7748, section 5
  bytes[0] &= 248;
  bytes[31] &= 127;
  bytes[31] |= 64;
  return bytes;
}

const x25519 = lib_curves_abstract_montgomery.montgomery({
  P: FIELD, type: "x25519", powPminus2: inverse, adjustScalarBytes: clamped,
});

function hmac(key, ...parts) { // RFC 2104, with keys of at most one block
  const padded = new Uint8Array(64);
  padded.set(key);
  const inner = sha256(joined(padded.map((byte) => byte ^ 0x36), ...parts));
  return sha256(joined(padded.map((byte) => byte ^ 0x5c), inner));
}

function labeledExtract(salt, label, key) { // RFC 9180, section 4
  return hmac(salt, toBytes("HPKE-v1"), SUITE, toBytes(label), key);
}

function labeledExpand(secret, label, info, size) { // size is at most one block of SHA-256
  const labeled = joined(new Uint8Array([size >> 8, size & 255]), toBytes("HPKE-v1"), SUITE, toBytes(label), info);
  return hmac(secret, labeled, new Uint8Array([1])).slice(0, size);
}

function encapsulate(publicKey, chance) {
  const [mlkem, curve] = [publicKey.slice(0, ML_KEM_KEY_BYTES), publicKey.slice(ML_KEM_KEY_BYTES)];
  const secret = chance(32);
  const ephemeral = x25519.getPublicKey(secret);
  const { cipherText, sharedSecret } = ml_kem768.encapsulate(mlkem, chance(32));
  const agreed = x25519.getSharedSecret(secret, curve);
  const shared = sha3_256(joined(sharedSecret, agreed, ephemeral, curve, X_WING_LABEL));
  return { shared, sent: joined(cipherText, ephemeral) };
}

// What only the holder of the key opens, for this `info` alone. Throws where the key is not sound.
function sealTo(publicKey, info, plain, chance) {
  if (publicKey.length !== CALL_KEY_BYTES) throw new Refusal("malformed-call", "the call's key has another length");
  const { shared, sent } = encapsulate(publicKey, chance);
  const context = joined(new Uint8Array(1), labeledExtract(NOTHING, "psk_id_hash", NOTHING),
    labeledExtract(NOTHING, "info_hash", info));
  const secret = labeledExtract(shared, "secret", NOTHING);
  const key = labeledExpand(secret, "key", context, 32);
  const nonce = labeledExpand(secret, "base_nonce", context, 12);
  return joined(sent, chacha20poly1305(key, nonce).encrypt(plain));
}
