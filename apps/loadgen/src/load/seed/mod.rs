//! Accounts, devices and conversations written straight into the database: registering thousands would measure
//! Argon2.

mod copy;
mod export;
mod keys;
mod remove;

use std::collections::HashSet;

use rand::{CryptoRng, SeedableRng as _, rngs::StdRng};
use sotto_e2ee::{Machine, RegistrationKeys};
use sotto_protocol::{ConversationId, DeviceId, UserId, membership::ConversationKind};
use sqlx::PgPool;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use crate::error::{Context, Failure, Outcome};

pub use export::{Args, run};
pub use keys::plant_keys;

/// Somebody of the load.
#[derive(Clone, Debug)]
pub struct Person {
    pub user_id: UserId,
    pub devices: Vec<DeviceId>,
}

/// A conversation of the load; members are places in [`Seeded::people`].
#[derive(Clone, Debug)]
pub struct Talk {
    pub id: ConversationId,
    pub kind: ConversationKind,
    pub members: Vec<usize>,
}

/// Who and what is to be made.
#[derive(Clone, Debug)]
pub struct Shape {
    pub people: usize,
    pub devices: usize,
    /// Kind and members of each conversation.
    pub talks: Vec<(ConversationKind, Vec<usize>)>,
}

impl Shape {
    /// Two people a conversation, nobody in two.
    pub fn pairs(pairs: usize, devices: usize) -> Self {
        let talks = (0..pairs).map(|pair| (ConversationKind::Direct, vec![2 * pair, 2 * pair + 1])).collect();
        Self { people: 2 * pairs, devices, talks }
    }

    /// Everybody in `each` groups of `size`, with neighbours.
    pub fn circles(people: usize, each: usize, size: usize) -> Self {
        let groups = (people * each / size).max(1);
        let talks = (0..groups).map(|group| {
            let first = group * people / groups;
            let members: HashSet<usize> = (0..size).map(|step| (first + step * 7) % people).collect();
            (ConversationKind::Group, members.into_iter().collect())
        });
        Self { people, devices: 1, talks: talks.collect() }
    }
}

/// Everything that was written.
pub struct Seeded {
    pool: PgPool,
    pub people: Vec<Person>,
    pub talks: Vec<Talk>,
}

/// The names of accounts begin with it.
pub const PREFIX: &str = "bench-";

/// A random UUID (version 4).
pub fn id(rng: &mut impl CryptoRng) -> Uuid {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// The name of a seeded account.
pub fn username(prefix: &str, user_id: UserId) -> String {
    let simple = user_id.0.simple().to_string();
    format!("{prefix}{}", &simple[..24])
}

impl Seeded {
    /// Writes everybody and everything; the password's hash is of nobody's unless it is given.
    pub async fn plant(pool: &PgPool, shape: Shape) -> Outcome<Self> {
        Self::plant_as(pool, shape, PREFIX, "").await
    }

    async fn plant_as(pool: &PgPool, shape: Shape, prefix: &str, password_hash: &str) -> Outcome<Self> {
        let begun = std::time::Instant::now();
        let mut rng = StdRng::from_rng(&mut rand::rng());
        let person = |rng: &mut StdRng| Person {
            user_id: UserId(id(rng)),
            devices: (0..shape.devices).map(|_| DeviceId(id(rng))).collect(),
        };
        let people: Vec<Person> = (0..shape.people).map(|_| person(&mut rng)).collect();
        let talk = |(kind, members)| Talk { id: ConversationId(id(&mut rng)), kind, members };
        let talks = shape.talks.into_iter().map(talk).collect();
        let seeded = Self { pool: pool.clone(), people, talks };
        seeded.write_people(prefix, password_hash).await?;
        seeded.write_talks().await?;
        seeded.settle().await?;
        eprintln!(
            "seeded {} accounts, {} devices, {} conversations in {:.1} s",
            seeded.people.len(),
            seeded.people.iter().map(|person| person.devices.len()).sum::<usize>(),
            seeded.talks.len(),
            begun.elapsed().as_secs_f64(),
        );
        Ok(seeded)
    }

    async fn write_people(&self, prefix: &str, password_hash: &str) -> Outcome<()> {
        let lent = lent_keys()?;
        let [master, own, device] =
            [copy::column(&lent.master_key)?, copy::column(&lent.self_signing_key)?, copy::column(&lent.device_keys)?];
        let now = now()?;
        let table = "users (id, username, password_hash, master_key, self_signing_key, list_version, list_hash,
                            recovery_bundle, created_at)";
        copy::copy(&self.pool, table, &self.people, |out, person| {
            let name = username(prefix, person.user_id);
            copy::line(out, &[&person.user_id, &name, &password_hash, &master, &own, &1, &"", &"", &now]);
        })
        .await?;
        let table = "devices (id, user_id, name, device_type, device_keys, verified, created_at)";
        copy::copy(&self.pool, table, &self.people, |out, person| {
            for id in &person.devices {
                copy::line(out, &[id, &person.user_id, &"load", &"DESKTOP", &device, &true, &now]);
            }
        })
        .await?;
        copy::copy(&self.pool, "inboxes (device_id)", &self.people, |out, person| {
            person.devices.iter().for_each(|id| copy::line(out, &[id]));
        })
        .await
    }

    async fn write_talks(&self) -> Outcome<()> {
        let now = now()?;
        let table = "conversations (id, kind, created_at, membership_index, membership_state)";
        copy::copy(&self.pool, table, &self.talks, |out, talk| {
            let kind = if talk.kind == ConversationKind::Direct { "direct" } else { "group" };
            copy::line(out, &[&talk.id, &kind, &now, &1, &"{}"]);
        })
        .await?;
        let members: Vec<(ConversationId, UserId)> = self
            .talks
            .iter()
            .flat_map(|talk| talk.members.iter().map(|at| (talk.id, self.people[*at].user_id)))
            .collect();
        let table = "members (conversation_id, user_id, role, state, start_seq, roster_changed_version)";
        copy::copy(&self.pool, table, &members, |out, (talk, user)| {
            copy::line(out, &[talk, user, &"member", &"joined", &1, &1]);
        })
        .await
    }

    /// So many old messages in each conversation, as if its first member had sent them.
    pub async fn write_history(&self, messages: i64) -> Outcome<()> {
        let talks: Vec<Uuid> = self.talks.iter().map(|talk| talk.id.0).collect();
        let users: Vec<Uuid> = self.talks.iter().map(|talk| self.people[talk.members[0]].user_id.0).collect();
        let devices: Vec<Uuid> = self.talks.iter().map(|talk| self.people[talk.members[0]].devices[0].0).collect();
        sqlx::query(
            "INSERT INTO events (conversation_id, seq, kind, sender_user_id, sender_device_id, created_at, txn_id,
                                 body_hash, session_id, ciphertext)
             SELECT t.id, s.seq, 1, t.sender, t.device, now() - interval '1 day', gen_random_uuid(),
                    sha256(s.seq::text::bytea), sha256('session'), decode(repeat(md5(s.seq::text), 18), 'hex')
             FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS t (id, sender, device),
                  generate_series(1, $4::bigint) AS s (seq)",
        )
        .bind(&talks)
        .bind(&users)
        .bind(&devices)
        .bind(messages)
        .execute(&self.pool)
        .await
        .context("writing history")?;
        sqlx::query("UPDATE conversations SET last_seq = $2 WHERE id = ANY ($1)")
            .bind(&talks)
            .bind(messages)
            .execute(&self.pool)
            .await
            .context("writing history")?;
        sqlx::query("VACUUM (ANALYZE) events").execute(&self.pool).await.context("VACUUM").map(drop)
    }

    /// The planner and the visibility map know the new rows, so that no vacuum has to come in the middle.
    async fn settle(&self) -> Outcome<()> {
        sqlx::query("VACUUM (ANALYZE) users, devices, members, conversations, inboxes")
            .execute(&self.pool)
            .await
            .context("VACUUM")
            .map(drop)
    }
}

/// One real account lends its public keys to all: nobody reads them here.
fn lent_keys() -> Outcome<RegistrationKeys> {
    let mut rng = StdRng::from_rng(&mut rand::rng());
    let (user_id, device_id) = (UserId(id(&mut rng)), DeviceId(id(&mut rng)));
    Ok(Machine::register(&mut rng, user_id, device_id, 0).context("an account's keys")?.keys)
}

fn now() -> Outcome<String> {
    use sotto_sdk::Environment as _;
    let seconds = sotto_sdk::SystemEnvironment.now_ms() / 1_000;
    let now = OffsetDateTime::from_unix_timestamp(seconds).map_err(|error| Failure::new(error.to_string()))?;
    now.format(&Rfc3339).context("the time")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_of_a_circle_is_in_about_as_many_groups() {
        let shape = Shape::circles(500, 20, 10);
        let mut groups = vec![0; 500];
        for (_, members) in &shape.talks {
            assert_eq!(members.len(), 10);
            for at in members {
                groups[*at] += 1;
            }
        }
        assert!(groups.iter().all(|count| (19..=21).contains(count)), "{groups:?}");
    }

    #[test]
    fn a_name_is_one_that_could_be_registered() {
        let name = username(PREFIX, UserId(Uuid::from_u128(7)));
        assert!(sotto_protocol::limits::USERNAME_CHARS.contains(&name.len()), "{name}");
    }
}
