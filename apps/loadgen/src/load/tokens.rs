//! Access tokens for seeded devices, signed with the cluster's own key: registering thousands would measure Argon2.

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use sotto_protocol::{DeviceId, UserId};
use sotto_sdk::{Environment as _, SystemEnvironment};
use uuid::Uuid;

use crate::error::{Context, Failure, Outcome};

/// Signs tokens.
pub struct Minter {
    kid: String,
    key: EncodingKey,
}

#[derive(Serialize)]
struct Claims {
    iss: &'static str,
    aud: &'static str,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: Uuid,
    sub: UserId,
    did: DeviceId,
    r#gen: i32,
    ver: bool,
}

impl Minter {
    /// Takes the greatest `signing-<kid>.pem` of the folder, as the nodes do.
    pub fn load(folder: &Path) -> Outcome<Self> {
        let entries = std::fs::read_dir(folder).context(folder.display())?;
        let kid_of = |name: &str| Some(name.strip_prefix("signing-")?.strip_suffix(".pem")?.to_owned());
        let kids = entries.flatten().filter_map(|entry| kid_of(entry.file_name().to_str()?));
        let kid = kids.max().ok_or_else(|| Failure::new(format!("no signing key in {}", folder.display())))?;
        let path = folder.join(format!("signing-{kid}.pem"));
        let pem = std::fs::read_to_string(&path).context(path.display())?;
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let der = STANDARD.decode(body.trim()).context(path.display())?;
        Ok(Self { kid, key: EncodingKey::from_ed_der(&der) })
    }

    /// A token that lives so many seconds.
    pub fn mint(&self, user_id: UserId, device_id: DeviceId, life_s: i64) -> Outcome<String> {
        let now = SystemEnvironment.now_ms() / 1_000;
        let claims = Claims {
            iss: "sotto",
            aud: "sotto",
            iat: now,
            nbf: now,
            exp: now + life_s,
            jti: device_id.0,
            sub: user_id,
            did: device_id,
            r#gen: 0,
            ver: true,
        };
        let typ = Some("at+jwt".to_owned());
        let header = Header { typ, kid: Some(self.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, &claims, &self.key).context("signing a token")
    }
}
