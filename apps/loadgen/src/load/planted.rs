//! Accounts, devices and conversations written straight into the database, and taken out again.

use rand::{CryptoRng, SeedableRng as _, rngs::StdRng};
use sotto_e2ee::Machine;
use sotto_protocol::{ConversationId, DeviceId, UserId};
use sqlx::{PgPool, types::Json};
use uuid::Uuid;

use crate::error::{Context, Outcome};

/// Rows of one statement.
const CHUNK: usize = 5_000;

/// Somebody of the load.
#[derive(Clone, Debug)]
pub struct Person {
    pub user_id: UserId,
    pub devices: Vec<DeviceId>,
}

/// Everything that was written.
pub struct Seeded {
    pool: PgPool,
    pub people: Vec<Person>,
    pub conversations: Vec<(ConversationId, Vec<usize>)>,
}

fn id(rng: &mut impl CryptoRng) -> Uuid {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

impl Seeded {
    /// So many people with so many devices each, and conversations of the people at these places.
    pub async fn plant(
        pool: &PgPool,
        people: usize,
        devices: usize,
        kind: &str,
        conversations: Vec<Vec<usize>>,
    ) -> Outcome<Self> {
        let mut rng = StdRng::from_rng(&mut rand::rng());
        let people: Vec<Person> = (0..people)
            .map(|_| Person {
                user_id: UserId(id(&mut rng)),
                devices: (0..devices).map(|_| DeviceId(id(&mut rng))).collect(),
            })
            .collect();
        let conversations = conversations.into_iter().map(|members| (ConversationId(id(&mut rng)), members)).collect();
        let seeded = Self { pool: pool.clone(), people, conversations };
        seeded.write_people(&mut rng).await?;
        seeded.write_conversations(kind).await?;
        sqlx::query("ANALYZE users, devices, members, conversations, inboxes")
            .execute(pool)
            .await
            .context("ANALYZE")?;
        Ok(seeded)
    }

    async fn write_people(&self, rng: &mut StdRng) -> Outcome<()> {
        // One real account lends its public keys to all: nobody reads them here.
        let (user_id, device_id) = (id(rng), id(rng));
        let made = Machine::register(rng, UserId(user_id), DeviceId(device_id), 0).context("an account's keys")?;
        for people in self.people.chunks(CHUNK) {
            let users: Vec<Uuid> = people.iter().map(|person| person.user_id.0).collect();
            sqlx::query(
                "INSERT INTO users (id, username, password_hash, master_key, self_signing_key, list_version, list_hash,
                                    recovery_bundle, created_at)
                 SELECT id, 'bench-' || id, '', $2, $3, 1, '', '', now() FROM unnest($1::uuid[]) AS u (id)",
            )
            .bind(&users)
            .bind(Json(&made.keys.master_key))
            .bind(Json(&made.keys.self_signing_key))
            .execute(&self.pool)
            .await
            .context("writing accounts")?;
            let devices = || people.iter().flat_map(|p| p.devices.iter().map(move |device| (device.0, p.user_id.0)));
            let (ids, owners): (Vec<Uuid>, Vec<Uuid>) = devices().unzip();
            sqlx::query(
                "WITH fresh AS (SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS d (id, user_id)),
                 inbox AS (INSERT INTO inboxes (device_id) SELECT id FROM fresh)
                 INSERT INTO devices (id, user_id, name, device_type, device_keys, verified, created_at)
                 SELECT id, user_id, 'load', 'DESKTOP', $3, true, now() FROM fresh",
            )
            .bind(&ids)
            .bind(&owners)
            .bind(Json(&made.keys.device_keys))
            .execute(&self.pool)
            .await
            .context("writing devices")?;
        }
        Ok(())
    }

    async fn write_conversations(&self, kind: &str) -> Outcome<()> {
        for chunk in self.conversations.chunks(CHUNK) {
            let ids: Vec<Uuid> = chunk.iter().map(|(id, _)| id.0).collect();
            sqlx::query(
                "INSERT INTO conversations (id, kind, created_at, membership_index, membership_state)
                 SELECT id, $2, now(), 1, '{}' FROM unnest($1::uuid[]) AS c (id)",
            )
            .bind(&ids)
            .bind(kind)
            .execute(&self.pool)
            .await
            .context("writing conversations")?;
            let members = || chunk.iter().flat_map(|(id, members)| members.iter().map(move |at| (id.0, *at)));
            let (of, users): (Vec<Uuid>, Vec<Uuid>) = members().map(|(id, at)| (id, self.people[at].user_id.0)).unzip();
            sqlx::query(
                "INSERT INTO members (conversation_id, user_id, role, state, start_seq, roster_changed_version)
                 SELECT c, u, 'member', 'joined', 1, 1 FROM unnest($1::uuid[], $2::uuid[]) AS m (c, u)",
            )
            .bind(&of)
            .bind(&users)
            .execute(&self.pool)
            .await
            .context("writing members")?;
        }
        Ok(())
    }

    /// Takes everything out again.
    pub async fn uproot(self) -> Outcome<()> {
        let conversations: Vec<Uuid> = self.conversations.iter().map(|(id, _)| id.0).collect();
        let users: Vec<Uuid> = self.people.iter().map(|person| person.user_id.0).collect();
        let devices: Vec<Uuid> = self.people.iter().flat_map(|p| p.devices.iter().map(|device| device.0)).collect();
        for (sql, ids) in [
            ("DELETE FROM events WHERE conversation_id = ANY ($1)", &conversations),
            ("DELETE FROM marks WHERE conversation_id = ANY ($1)", &conversations),
            ("DELETE FROM members WHERE conversation_id = ANY ($1)", &conversations),
            ("DELETE FROM conversations WHERE id = ANY ($1)", &conversations),
            ("DELETE FROM inbox_items WHERE device_id = ANY ($1)", &devices),
            ("DELETE FROM inboxes WHERE device_id = ANY ($1)", &devices),
            ("DELETE FROM devices WHERE id = ANY ($1)", &devices),
            ("DELETE FROM users WHERE id = ANY ($1)", &users),
        ] {
            sqlx::query(sql).bind(ids).execute(&self.pool).await.context("taking the load's rows out")?;
        }
        Ok(())
    }
}
