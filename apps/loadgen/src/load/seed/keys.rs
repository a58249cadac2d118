//! One-time keys for seeded devices. The server hands them out as they are, so their signatures are only their size.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::json;
use sotto_protocol::{DeviceId, UserId};
use sqlx::PgPool;

use super::{Seeded, copy, now};
use crate::error::Outcome;

/// Gives each of these devices so many one-time keys.
pub async fn plant_keys(pool: &PgPool, seeded: &Seeded, people: std::ops::Range<usize>, each: usize) -> Outcome<()> {
    let mut rng = StdRng::from_rng(&mut rand::rng());
    let now = now()?;
    let mut keys = Vec::new();
    for person in &seeded.people[people] {
        for device in &person.devices {
            keys.extend(
                (0..each).map(|at| (*device, person.user_id, at, bytes::<32>(&mut rng), bytes::<64>(&mut rng))),
            );
        }
    }
    let table = "one_time_keys (device_id, key_id, key, uploaded_at)";
    copy::copy(pool, table, &keys, |out, (device, user, at, key, signature)| {
        copy::line(
            out,
            &[device, &format!("signed_curve25519:{at:06}"), &signed(*device, *user, key, signature), &now],
        );
    })
    .await
}

fn bytes<const N: usize>(rng: &mut StdRng) -> String {
    let mut bytes = [0; N];
    rng.fill_bytes(&mut bytes);
    STANDARD_NO_PAD.encode(bytes)
}

fn signed(device: DeviceId, user: UserId, key: &str, signature: &str) -> String {
    let by = format!("ed25519:{device}");
    json!({ "key": key, "signatures": { user.to_string(): { by: signature } } }).to_string()
}
