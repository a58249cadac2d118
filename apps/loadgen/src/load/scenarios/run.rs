//! One load from its beginning to its end, with what it cost.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    error::Outcome,
    load::{
        Bench,
        clock::{self, Pace, now_ns},
        coordinator::Workers,
        figures::Figures,
        house::House,
        plan::{Churn, LoadSpec, Order},
        procs::{Look, Spent, Watch},
    },
};

/// Between two samples.
const SAMPLE_EVERY: Duration = Duration::from_secs(1);
/// Points of a timeline.
const POINTS: usize = 120;
/// Before the first message.
const LEAD: Duration = Duration::from_millis(500);

/// What is sent and for how long.
#[derive(Clone, Debug)]
pub struct Load {
    /// Messages a second, over all workers.
    pub rate: f64,
    /// Not counted: caches and plans are new.
    pub warm_up: Duration,
    pub counted: Duration,
    pub patience: Duration,
    pub bytes: usize,
    /// `(seat, conversation)`.
    pub senders: Vec<(usize, usize)>,
    /// Weights of the senders; in turn without.
    pub weights: Vec<f64>,
    pub spread: bool,
    pub mark_spread: Option<Duration>,
    pub typing: f64,
    pub churn: Option<(Duration, Duration)>,
    /// What workers that send nothing of this load send meanwhile; not counted.
    pub beside: Option<Box<Load>>,
}

impl Load {
    /// Short messages in turn, marks after every run of frames.
    pub fn new(rate: f64, seconds: u32, senders: Vec<(usize, usize)>) -> Self {
        Self {
            rate,
            warm_up: Duration::from_secs(3),
            counted: Duration::from_secs(seconds.into()),
            patience: Duration::from_secs(20),
            bytes: 300,
            senders,
            weights: Vec::new(),
            spread: false,
            mark_spread: Some(Duration::ZERO),
            typing: 0.0,
            churn: None,
            beside: None,
        }
    }

    fn specs(&self, house: &House, number: u16, from_ns: u64) -> Vec<LoadSpec> {
        let sending: Vec<usize> = {
            let mut all: Vec<usize> = self.senders.iter().map(|(seat, _)| house.seats[*seat].worker).collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        let pace = Pace { from_ns, rate: self.rate, workers: sending.len().max(1) as u64 };
        let count_from_ns = from_ns + clock::ns(self.warm_up);
        let worker_spec = |worker: usize| LoadSpec {
            number,
            pace,
            count_from_ns,
            until_ns: count_from_ns + clock::ns(self.counted),
            patience_ns: clock::ns(self.patience),
            bytes: self.bytes,
            streams: house.streams(worker, &self.senders),
            weights: self.weights_of(house, worker),
            spread: self.spread,
            mark_spread_ns: self.mark_spread.map(clock::ns),
            typing: self.typing,
            churn: self.churn.map(|(on, off)| Churn { on_ns: clock::ns(on), off_ns: clock::ns(off) }),
        };
        let mut specs: Vec<LoadSpec> = (0..house.workers).map(worker_spec).collect();
        if let Some(beside) = &self.beside {
            for (worker, spec) in specs.iter_mut().enumerate().filter(|(worker, _)| !sending.contains(worker)) {
                spec.pace = Pace { from_ns, rate: beside.rate, workers: 1 };
                spec.count_from_ns = spec.until_ns;
                spec.streams = house.streams(worker, &beside.senders);
                (spec.bytes, spec.mark_spread_ns) = (beside.bytes, beside.mark_spread.map(clock::ns));
            }
        }
        specs
    }

    /// Each with those before it added, of the streams of one worker.
    fn weights_of(&self, house: &House, worker: usize) -> Vec<f64> {
        let mine = self.weights.iter().zip(&self.senders).filter(|(_, (seat, _))| house.seats[*seat].worker == worker);
        mine.scan(0.0, |sum, (weight, _)| {
            *sum += weight;
            Some(*sum)
        })
        .collect()
    }
}

/// What came of a load.
pub struct Run {
    pub rate: f64,
    pub seconds: f64,
    pub figures: Figures,
    /// In the counted time.
    pub spent: Spent,
    samples: Vec<Look>,
}

/// Runs a load. `meanwhile` is done beside it, told when the counted time begins.
pub async fn run<T>(
    bench: &Bench,
    workers: &mut Workers,
    house: &House,
    load: &Load,
    meanwhile: impl AsyncFnOnce(u64) -> Outcome<T>,
) -> Outcome<(Run, T)> {
    let from_ns = now_ns() + clock::ns(LEAD);
    let specs = load.specs(house, bench.next_load(), from_ns);
    let pace = specs[0].pace;
    let count_from_ns = specs[0].count_from_ns;
    let watch = Watch::new(&bench.state().await?, &workers.pids());
    workers.tell_each(specs.into_iter().map(|spec| Order::Load(Box::new(spec))).collect()).await?;
    let sampling = async { Ok(sample(&watch, count_from_ns, load.counted).await) };
    let (mut figures, samples, other) = tokio::try_join!(workers.loaded(), sampling, meanwhile(count_from_ns))?;
    figures.settle_lasts(|worker, turn| {
        Some(pace.intended(u64::from(worker), turn)).filter(|intended| *intended >= count_from_ns)
    });
    figures.settle_heads();
    let spent = match (samples.first(), samples.last()) {
        (Some(first), Some(last)) => last.since(first),
        _ => Spent::default(),
    };
    let seconds = load.counted.as_secs_f64();
    Ok((Run { rate: load.rate, seconds, figures, spent, samples }, other))
}

/// Nothing beside the load.
pub async fn alone(_: u64) -> Outcome<()> {
    Ok(())
}

async fn sample(watch: &Watch, from_ns: u64, time: Duration) -> Vec<Look> {
    tokio::time::sleep(clock::until(from_ns)).await;
    let until = from_ns + clock::ns(time);
    let mut looks = vec![watch.look(false)];
    while now_ns() < until {
        tokio::time::sleep(SAMPLE_EVERY.min(clock::until(until))).await;
        looks.push(watch.look(false));
    }
    looks
}

impl Run {
    /// Acknowledged a second of the counted time.
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    pub fn reached(&self) -> f64 {
        self.figures.counted_acked as f64 / self.seconds
    }

    /// Delivered a second.
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    pub fn deliveries(&self) -> f64 {
        self.figures.counted_delivered as f64 / self.seconds
    }

    /// CPU seconds of all servers for a thousand acknowledged messages.
    pub fn cpu(&self) -> f64 {
        self.spent.per_thousand(self.figures.counted_acked).get("servers").copied().unwrap_or(0.0)
    }

    /// p99 from the intended send to the last device, milliseconds.
    pub fn p99(&self) -> f64 {
        self.figures.times_of("last").ms(0.99)
    }

    /// Everything was answered and arrived, about as fast as it was due.
    pub fn is_sustained(&self, p99_limit_ms: f64) -> bool {
        self.figures.refused == 0
            && self.figures.broken() == 0
            && self.figures.counted_acked >= self.figures.counted
            && self.p99() <= p99_limit_ms
    }

    /// For the result's file.
    pub fn json(&self) -> Value {
        let figures = &self.figures;
        let times: serde_json::Map<String, Value> =
            figures.times.iter().map(|(name, times)| (name.clone(), times.json())).collect();
        json!({
            "rate": self.rate, "seconds": self.seconds, "reached_per_s": self.reached(),
            "deliveries_per_s": self.deliveries(), "counted": figures.counted, "acknowledged": figures.counted_acked,
            "delivered": figures.counted_delivered, "lost": figures.missing, "not_back": figures.absent, "doubled": figures.doubled,
            "out_of_order": figures.out_of_order, "refused": figures.refused, "unanswered": figures.unanswered,
            "unreadable": figures.unreadable, "repeated": figures.repeated, "skipped": figures.skipped,
            "lost_connections": figures.lost_connections, "other": figures.named, "ms": times,
            "cpu_s_per_1000_messages": self.spent.per_thousand(figures.counted_acked),
            "cpu_s_per_1000_deliveries": self.spent.per_thousand(figures.counted_delivered),
            "cpu_s": self.spent.0, "timeline": self.timeline(),
        })
    }

    /// CPU by kind of server over the time, as cores.
    fn timeline(&self) -> Vec<Value> {
        let step = self.samples.len().div_ceil(POINTS).max(1);
        let looks: Vec<&Look> = self.samples.iter().step_by(step).collect();
        let point = |pair: &[&Look]| {
            let seconds = Duration::from_nanos(pair[1].at_ns - pair[0].at_ns).as_secs_f64();
            let at = Duration::from_nanos(pair[1].at_ns - looks[0].at_ns).as_secs_f64();
            let cores = pair[1].since(pair[0]).0.into_iter().map(|(name, spent)| (name, spent / seconds));
            json!({ "s": at, "cores": cores.collect::<std::collections::BTreeMap<_, _>>() })
        };
        looks.windows(2).map(point).collect()
    }

    /// CPU by server for the page.
    pub fn cost(&self) -> String {
        let cost = self.spent.per_thousand(self.figures.counted_acked);
        let one = |name: &str| cost.get(name).copied().unwrap_or(0.0);
        format!(
            "{:.3} CPU seconds of servers for 1,000 messages (nodes {:.3}, PostgreSQL {:.3}, Redis {:.3}, nginx {:.3}); \
             the generators took {:.3} beside them",
            one("servers"),
            one("nodes"),
            one("postgres"),
            one("redis"),
            one("nginx"),
            one("generators"),
        )
    }
}
