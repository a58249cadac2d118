//! Breaking things, and healing them.

use std::{io::Write as _, path::PathBuf, sync::Arc, time::Duration};

use rustix::process::Signal;
use sotto_protocol::ConversationId;
use tokio::time::{Instant, sleep, timeout};

use super::{
    crew::Crew,
    place::{Place, Switches, node_name},
    processes::{lives, pid, signal},
    replica::{Replica, parts},
    schedule::{Breakage, Fault, Link, Step},
    wire::Mischief,
};
use crate::{
    error::{Context, Failure, Outcome},
    proxy::{Mode, Proxy},
    record::What,
};

const SLOW: Duration = Duration::from_millis(150);
/// How far a replica is behind.
const LAG: Duration = Duration::from_secs(1);

/// The place and the people in it.
pub(super) struct Stage {
    pub place: Arc<Place>,
    pub crew: Arc<Crew>,
    /// Of all nodes.
    pub mutation: Option<String>,
}

/// A fault that began; it is healed when it is told so.
struct Span<'a> {
    crew: &'a Crew,
    name: String,
    target: String,
}

impl Span<'_> {
    fn healed(self) {
        self.crew.world.note(What::Healed { name: self.name, target: self.target });
    }
}

impl Stage {
    fn begin(&self, name: &str, target: impl Into<String>) -> Span<'_> {
        let (name, target) = (name.to_owned(), target.into());
        self.crew.world.note(What::Fault { name: name.clone(), target: target.clone() });
        Span { crew: &self.crew, name, target }
    }

    fn switches(&self) -> Switches {
        Switches { mutation: self.mutation.clone(), ..Switches::default() }
    }

    /// Breaks, waits, heals.
    pub(super) async fn play(&self, step: &Step) -> Outcome<()> {
        let lasts = Duration::from_millis(step.lasts_ms);
        match step.fault {
            Fault::KillNode(node) => self.kill_node(node, lasts).await,
            Fault::DieAt(node, point) => self.die_at(node, point, lasts).await,
            Fault::FreezeNode(node) => self.freeze(node, lasts).await,
            Fault::DrainNode(node) => self.drain(node, lasts).await,
            Fault::ReloadNginx => self.reload(lasts).await,
            Fault::KillNginx => self.kill("nginx", lasts).await,
            Fault::KillRedis => self.kill("redis", lasts).await,
            Fault::StopPostgres => self.kill("postgres", lasts).await,
            Fault::EmptyRedis => self.empty_redis().await,
            Fault::SlowRedis => self.slow_redis(lasts).await,
            Fault::FailOverRedis => self.fail_over(lasts).await,
            Fault::FillDisk => self.fill_disk(lasts).await,
            Fault::Break(link, how) => self.break_link(link, how, lasts).await,
            Fault::StepClock(node, minutes) => self.step_clock(node, minutes, lasts).await,
            Fault::StopReading(person, device) => self.stop_reading(person, device, lasts).await,
            Fault::Frames(mischief) => self.frames(mischief, lasts).await,
            Fault::Revoke(person) => self.crew.revoke(person, async || self.heads().await).await,
            Fault::Link(person) => self.crew.link(person, self.place.ways(person, 3)).await,
            Fault::RemoveMember => self.remove_member().await,
        }
    }

    /// The others have its clients at once, so it is healed at once; it comes back later.
    async fn kill_node(&self, node: usize, lasts: Duration) -> Outcome<()> {
        let victim = pid(&self.place, node).await?;
        let span = self.begin("kill -9", node_name(node));
        signal(victim, Signal::KILL)?;
        span.healed();
        sleep(lasts).await;
        self.place.dev(&["start", &node_name(node)]).await
    }

    async fn die_at(&self, node: usize, point: super::schedule::Point, lasts: Duration) -> Outcome<()> {
        let victim = pid(&self.place, node).await?;
        self.place.switch(node, &Switches { armed: Some(point), ..self.switches() })?;
        let until = Instant::now() + lasts;
        while lives(victim) && Instant::now() < until {
            sleep(Duration::from_millis(5)).await;
        }
        let died = !lives(victim);
        if died {
            self.begin(&format!("died {point:?}"), node_name(node)).healed();
        }
        self.place.switch(node, &self.switches())?;
        if died {
            sleep(lasts).await;
            return self.place.dev(&["start", &node_name(node)]).await;
        }
        Ok(())
    }

    async fn freeze(&self, node: usize, lasts: Duration) -> Outcome<()> {
        let victim = pid(&self.place, node).await?;
        let span = self.begin("frozen", node_name(node));
        signal(victim, Signal::STOP)?;
        sleep(lasts).await;
        signal(victim, Signal::CONT)?;
        span.healed();
        Ok(())
    }

    async fn drain(&self, node: usize, lasts: Duration) -> Outcome<()> {
        let begun = Instant::now();
        let span = self.begin("drain", node_name(node));
        self.place.dev(&["drain", &node_name(node)]).await?;
        span.healed();
        sleep(lasts.saturating_sub(begun.elapsed())).await;
        self.place.dev(&["start", &node_name(node)]).await
    }

    async fn reload(&self, lasts: Duration) -> Outcome<()> {
        for _ in 0..3 {
            let span = self.begin("reload", "nginx");
            self.place.dev(&["reload"]).await?;
            span.healed();
            sleep(lasts / 3).await;
        }
        Ok(())
    }

    async fn kill(&self, part: &str, lasts: Duration) -> Outcome<()> {
        let span = self.begin("kill -9", part);
        self.place.dev(&["kill", part]).await?;
        sleep(lasts).await;
        self.place.dev(&["start", part]).await?;
        span.healed();
        Ok(())
    }

    async fn empty_redis(&self) -> Outcome<()> {
        let client = redis::Client::open(self.place.state.redis_url.as_str()).context("redis")?;
        let mut connection = client.get_multiplexed_async_connection().await.context("redis")?;
        let span = self.begin("FLUSHALL", "redis");
        redis::cmd("FLUSHALL").query_async::<()>(&mut connection).await.context("FLUSHALL")?;
        span.healed();
        Ok(())
    }

    /// As DEBUG SLEEP, which Redis has switched off.
    async fn slow_redis(&self, lasts: Duration) -> Outcome<()> {
        let victim = self.place.refresh().await?.pids.get("redis").copied().flatten();
        let victim = victim.ok_or_else(|| Failure::new("Redis does not run"))?;
        let span = self.begin("asleep", "redis");
        signal(victim, Signal::STOP)?;
        sleep(lasts).await;
        signal(victim, Signal::CONT)?;
        span.healed();
        Ok(())
    }

    async fn fail_over(&self, lasts: Duration) -> Outcome<()> {
        let url = &self.place.state.redis_url;
        let mut replica = Replica::follow(url, self.place.ports.replica()).await?;
        replica.fall_behind();
        sleep(LAG).await;
        let span = self.begin("fail-over", "redis");
        self.place.dev(&["kill", "redis"]).await?;
        let promoted = replica.take_over().await?.to_owned();
        self.move_redis(&promoted);
        span.healed();
        sleep(lasts).await;
        self.place.dev(&["start", "redis"]).await?;
        let span = self.begin("fail-back", "redis");
        self.move_redis(parts(url)?.1);
        span.healed();
        Ok(())
    }

    fn move_redis(&self, to: &str) {
        for proxy in &self.place.redis {
            proxy.retarget(to);
            proxy.set(Mode::Cut);
            proxy.set(Mode::Pass);
        }
    }

    async fn fill_disk(&self, lasts: Duration) -> Outcome<()> {
        let Some(disk) = &self.place.small_disk else { return Ok(()) };
        let filler = Filler(disk.join("filler"));
        let span = self.begin("disk full", "postgres");
        filler.fill()?;
        sleep(lasts).await;
        drop(filler);
        // It may have stopped for want of room.
        self.place.dev(&["start", "postgres"]).await?;
        span.healed();
        Ok(())
    }

    async fn break_link(&self, link: Link, how: Breakage, lasts: Duration) -> Outcome<()> {
        let proxy = self.proxy(link)?;
        let span = self.begin(&format!("{how:?}"), format!("{link:?}"));
        proxy.set(match how {
            Breakage::Cut => Mode::Cut,
            Breakage::Stall => Mode::Stall,
            Breakage::StallUp => Mode::StallUp,
            Breakage::StallDown => Mode::StallDown,
            Breakage::Slow => Mode::Delay(SLOW),
        });
        sleep(lasts).await;
        // What was held back is lost with its connection, as packets would be.
        if how != Breakage::Slow {
            proxy.set(Mode::Cut);
        }
        proxy.set(Mode::Pass);
        span.healed();
        Ok(())
    }

    fn proxy(&self, link: Link) -> Outcome<&Proxy> {
        let proxy = match link {
            Link::Redis(node) => self.place.redis.get(node),
            Link::Postgres(node) => self.place.postgres.get(node),
            Link::Node(node) => self.place.doors.get(node),
            Link::Nginx => Some(&self.place.edge),
        };
        proxy.ok_or_else(|| Failure::new("there is no such node"))
    }

    async fn step_clock(&self, node: usize, minutes: i64, lasts: Duration) -> Outcome<()> {
        let span = self.begin("clock", node_name(node));
        self.place.switch(node, &Switches { clock_ms: minutes * 60_000, ..self.switches() })?;
        sleep(lasts).await;
        self.place.switch(node, &self.switches())?;
        span.healed();
        Ok(())
    }

    async fn stop_reading(&self, person: usize, device: usize, lasts: Duration) -> Outcome<()> {
        let devices = self.crew.people.get(person).map(|person| person.devices.lock().clone()).unwrap_or_default();
        let Some(handset) = devices.get(device) else { return Ok(()) };
        let span = self.begin("stopped reading", &handset.name);
        handset.read(false);
        sleep(lasts).await;
        handset.read(true);
        span.healed();
        Ok(())
    }

    async fn frames(&self, mischief: Mischief, lasts: Duration) -> Outcome<()> {
        let span = self.begin(&format!("{mischief:?}"), "frames");
        self.crew.mischiefs.set(mischief);
        sleep(lasts).await;
        self.crew.mischiefs.set(Mischief::None);
        span.healed();
        Ok(())
    }

    async fn remove_member(&self) -> Outcome<()> {
        let group = self.crew.chats.lock().iter().rev().find(|chat| chat.members.len() > 2).map(|chat| chat.id);
        match group {
            Some(group) => self.crew.remove_last(group).await,
            None => Ok(()),
        }
    }

    /// Newest positions, straight from the database.
    async fn heads(&self) -> Outcome<std::collections::BTreeMap<ConversationId, i64>> {
        let read = sqlx::query_as("SELECT id, last_seq FROM conversations").fetch_all(&self.place.pool);
        let rows: Vec<(uuid::Uuid, i64)> =
            timeout(Duration::from_secs(10), read).await.context("heads")?.context("heads")?;
        Ok(rows.into_iter().map(|(id, seq)| (id.into(), seq)).collect())
    }
}

/// A file that takes all the room there is, until it is dropped.
struct Filler(PathBuf);

impl Filler {
    fn fill(&self) -> Outcome<()> {
        let mut file = std::fs::File::create(&self.0).context(self.0.display())?;
        // Coarse, then fine.
        for chunk in [1024 * 1024, 4096] {
            let zeros = vec![0; chunk];
            while file.write_all(&zeros).is_ok() {}
        }
        Ok(())
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
