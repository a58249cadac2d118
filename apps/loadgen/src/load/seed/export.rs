//! `bench seed`: people who stay, in a file for other load tools.

use std::path::PathBuf;

use rand::{SeedableRng as _, rngs::StdRng};
use serde_json::json;
use sotto_e2ee::Machine;
use sotto_protocol::{
    DeviceId, UserId,
    devices::{DeviceType, NewDevice},
    membership::ConversationKind,
};
use sotto_sdk::SystemEnvironment;

use super::{Seeded, Shape, id, username};
use crate::{
    error::{Context, Outcome},
    load::Bench,
};

/// What is seeded.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// People. Neighbours share a direct conversation, ten share a group.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(2..=200_000))]
    people: u32,
    /// Devices of each.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=20))]
    devices: u32,
    /// How long the tokens live, hours.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=24))]
    hours: u32,
    /// Where the file goes; it holds tokens.
    #[arg(long)]
    out: PathBuf,
}

/// The names of these accounts begin with it; no measurement takes them out.
const PREFIX: &str = "load-";
const PASSWORD: &str = "correct horse battery";
const GROUP: usize = 10;

/// Seeds and writes the file.
pub async fn run(bench: &Bench, args: &Args) -> Outcome<()> {
    let (people, devices) = (args.people as usize & !1, args.devices as usize);
    let mut shape = Shape::pairs(people / 2, devices);
    let members: Vec<usize> = (0..people).collect();
    shape.talks.extend(members.chunks(GROUP).map(|group| (ConversationKind::Group, group.to_vec())));
    let hash = password_hash(bench).await?;
    let seeded = Seeded::plant_as(&bench.pool, shape, PREFIX, &hash).await?;
    let life_s = i64::from(args.hours) * 3_600;
    let people = seeded.people.iter().map(|person| {
        let devices = person.devices.iter().map(|device| {
            let token = bench.minter.mint(person.user_id, *device, life_s)?;
            Ok(json!({ "device_id": device, "token": token }))
        });
        let devices = devices.collect::<Outcome<Vec<_>>>()?;
        let username = username(PREFIX, person.user_id);
        Ok(json!({ "user_id": person.user_id, "username": username, "password": PASSWORD, "devices": devices }))
    });
    let conversations = seeded.talks.iter().map(|talk| {
        let members: Vec<UserId> = talk.members.iter().map(|at| seeded.people[*at].user_id).collect();
        json!({ "id": talk.id, "kind": talk.kind, "roster_version": 1, "members": members })
    });
    let base = &bench.cluster.state.base_url;
    let all = json!({
        "base_url": base,
        "ws_url": base.replacen("http", "ws", 1) + "/ws",
        "people": people.collect::<Outcome<Vec<_>>>()?,
        "conversations": conversations.collect::<Vec<_>>(),
    });
    write_private(&args.out, &serde_json::to_vec(&all).context("the file")?)?;
    println!("{}", args.out.display());
    Ok(())
}

fn write_private(path: &std::path::Path, bytes: &[u8]) -> Outcome<()> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let mut options = std::fs::OpenOptions::new();
    let file = options.create(true).truncate(true).write(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(bytes)).context(path.display())
}

/// The hash that the server itself makes of the password, from one account that registers.
async fn password_hash(bench: &Bench) -> Outcome<String> {
    let mut rng = StdRng::from_rng(&mut rand::rng());
    let (user_id, device_id) = (UserId(id(&mut rng)), DeviceId(id(&mut rng)));
    let made = Machine::register(&mut rng, user_id, device_id, 0).context("an account's keys")?;
    let device = NewDevice { name: "load".into(), device_type: DeviceType::Desktop };
    let request = made.keys.into_request(username(PREFIX, user_id), PASSWORD.into(), device);
    let http = vec![bench.cluster.state.base_url.clone()];
    let http = sotto_sdk::http::Http::new(http, None, std::sync::Arc::new(SystemEnvironment), None);
    http.context("HTTP")?.register(&request).await.context("registering the account whose hash is lent")?;
    sqlx::query_scalar("SELECT password_hash FROM users WHERE id = $1")
        .bind(user_id.0)
        .fetch_one(&bench.pool)
        .await
        .context("the lent hash")
}
