//! The key ring: several keys by `kid`, the newest signs, all verify.

use std::{collections::BTreeMap, fmt, fs, io, path::PathBuf};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey,
    jwk::{AlgorithmParameters, Jwk},
};

use super::files;
use crate::Entropy;

/// Where the keys are: `signing-<kid>.pem` (PKCS #8, Ed25519; the greatest `kid` in byte order signs) and
/// `server-secret` (32 bytes in hexadecimal).
#[derive(Clone, Debug)]
pub struct KeySource {
    /// The folder.
    pub dir: PathBuf,
    /// Whether missing keys are made: in development only.
    pub create: bool,
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Production never makes keys up.
    #[error(
        "{0} holds no {1}: a production node needs its own keys. Make them once, for all nodes: \
         openssl genpkey -algorithm ed25519 -out signing-1.pem && openssl rand -hex 32 > server-secret"
    )]
    Missing(PathBuf, &'static str),
    /// A file cannot be read or written.
    #[error("{0}: {1}")]
    File(PathBuf, #[source] io::Error),
    /// A file does not hold what it should.
    #[error("{0} is not {1}")]
    Malformed(PathBuf, &'static str),
}

/// The keys. `Debug` shows their ids only.
pub struct KeyRing {
    keys: BTreeMap<String, Key>,
    newest: (String, EncodingKey),
    secret: [u8; 32],
}

struct Key {
    decoding: DecodingKey,
    public: String,
}

/// A key for others to verify with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// Its id.
    pub kid: String,
    /// The Ed25519 public key, URL-safe unpadded base64, as JWK (RFC 8037) wants it.
    pub x: String,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").field("kids", &self.keys.keys()).finish_non_exhaustive()
    }
}

const SECRET_FILE: &str = "server-secret";
/// PKCS #8 version 1 (RFC 8410 section 7) up to the 32 bytes of the seed.
const PKCS8_PREFIX: [u8; 16] = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];
const PEM_HEAD: &str = "-----BEGIN PRIVATE KEY-----";
const PEM_TAIL: &str = "-----END PRIVATE KEY-----";

impl KeySource {
    /// Reads the keys, making what is missing where that is allowed.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn load(&self, entropy: &dyn Entropy) -> Result<KeyRing, KeyError> {
        if self.create {
            self.make_missing(entropy)?;
        }
        let secret = self.read_secret()?;
        let mut keys = BTreeMap::new();
        let mut newest = None;
        for (kid, path) in self.signing_files()? {
            let encoding = read_signing_key(&path)?;
            let key = Key::of(&encoding).ok_or(KeyError::Malformed(path, "an Ed25519 key"))?;
            keys.insert(kid.clone(), key);
            // Files come in the order of their kid.
            newest = Some((kid, encoding));
        }
        let newest = newest.ok_or_else(|| KeyError::Missing(self.dir.clone(), "signing-<kid>.pem"))?;
        Ok(KeyRing { keys, newest, secret })
    }

    /// Several nodes may start at once: the first to place a file wins, the others read it.
    fn make_missing(&self, entropy: &dyn Entropy) -> Result<(), KeyError> {
        fs::create_dir_all(&self.dir).map_err(|error| KeyError::File(self.dir.clone(), error))?;
        let mut seed = [0; 32];
        let place = |name: &str, text: String| {
            let path = self.dir.join(name);
            files::create_once(&path, text.as_bytes(), &entropy.uuid().to_string())
                .map_err(|error| KeyError::File(path, error))
        };
        if !self.dir.join(SECRET_FILE).exists() {
            entropy.fill(&mut seed);
            place(SECRET_FILE, hex(&seed) + "\n")?;
        }
        if self.signing_files()?.is_empty() {
            entropy.fill(&mut seed);
            let der = STANDARD.encode([PKCS8_PREFIX.as_slice(), &seed].concat());
            // The same name on every node, so that only one of them places it.
            place("signing-1.pem", format!("{PEM_HEAD}\n{der}\n{PEM_TAIL}\n"))?;
        }
        Ok(())
    }

    fn signing_files(&self) -> Result<BTreeMap<String, PathBuf>, KeyError> {
        let failed = |error| KeyError::File(self.dir.clone(), error);
        let mut found = BTreeMap::new();
        for entry in fs::read_dir(&self.dir).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if let Some(kid) = name.strip_prefix("signing-").and_then(|rest| rest.strip_suffix(".pem")) {
                found.insert(kid.to_owned(), path);
            }
        }
        Ok(found)
    }

    fn read_secret(&self) -> Result<[u8; 32], KeyError> {
        let path = self.dir.join(SECRET_FILE);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(KeyError::Missing(self.dir.clone(), SECRET_FILE));
            }
            outcome => outcome.map_err(|error| KeyError::File(path.clone(), error))?,
        };
        parse_secret(text.trim()).ok_or(KeyError::Malformed(path, "32 bytes in hexadecimal"))
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = |byte: &u8| [byte >> 4, byte & 15].map(|digit| char::from(DIGITS[usize::from(digit)]));
    bytes.iter().flat_map(digits).collect()
}

fn parse_secret(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok());
    let bytes: Vec<u8> = digits.collect::<Option<_>>()?;
    (text.len() == 64).then(|| bytes.try_into().ok())?
}

fn read_signing_key(path: &PathBuf) -> Result<EncodingKey, KeyError> {
    let text = fs::read_to_string(path).map_err(|error| KeyError::File(path.clone(), error))?;
    let der = text
        .trim()
        .strip_prefix(PEM_HEAD)
        .and_then(|rest| rest.strip_suffix(PEM_TAIL))
        .and_then(|body| STANDARD.decode(body.split_ascii_whitespace().collect::<String>()).ok())
        .filter(|der| der.len() == 48 && der.starts_with(&PKCS8_PREFIX))
        .ok_or_else(|| KeyError::Malformed(path.clone(), "an Ed25519 private key in PKCS #8 PEM"))?;
    Ok(EncodingKey::from_ed_der(&der))
}

impl Key {
    fn of(encoding: &EncodingKey) -> Option<Self> {
        let jwk = Jwk::from_encoding_key(encoding, Algorithm::EdDSA).ok()?;
        let AlgorithmParameters::OctetKeyPair(pair) = jwk.algorithm else { return None };
        let bytes = URL_SAFE_NO_PAD.decode(&pair.x).ok()?;
        Some(Self { decoding: DecodingKey::from_ed_der(&bytes), public: pair.x })
    }
}

impl KeyRing {
    pub(super) fn signing(&self) -> (&str, &EncodingKey) {
        (&self.newest.0, &self.newest.1)
    }

    pub(super) fn verifying(&self, kid: &str) -> Option<&DecodingKey> {
        self.keys.get(kid).map(|key| &key.decoding)
    }

    pub(super) fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    pub(super) fn public_keys(&self) -> Vec<PublicKey> {
        let keys = self.keys.iter().rev();
        keys.map(|(kid, key)| PublicKey { kid: kid.clone(), x: key.public.clone() }).collect()
    }
}
