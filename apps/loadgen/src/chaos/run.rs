//! `sotto-loadgen chaos`: from the seed to the verdict.

use std::{path::PathBuf, sync::Arc, time::Duration};

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::time::{Instant, sleep, sleep_until};

use super::{
    crew::{Crew, Plan},
    faults::Stage,
    place::{MAX_NODES, Place, Ports, Switches},
    processes,
    schedule::{Field, schedule},
    summary,
};
use crate::{
    check::{Rules, Tables, Verdict, judge},
    error::{Context, Failure, Outcome},
    interrupt::interrupted,
    record::{Recording, What},
};

/// Between two things that a device says, on average.
const PAUSE: Duration = Duration::from_millis(600);
/// So long before a fault some devices go elsewhere.
const SCATTER: Duration = Duration::from_millis(1_500);
/// After the last fault everything has this long to arrive; what is late is told by the invariants.
const LAST_CALL: Duration = Duration::from_mins(1);
const SAMPLE_EVERY: Duration = Duration::from_secs(3);

/// What `chaos` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Decides the faults and who talks; a random one when none is given.
    #[arg(long)]
    seed: Option<u64>,
    /// How long people talk and things break.
    #[arg(long, default_value_t = 2.0)]
    minutes: f64,
    /// Nodes of the cluster.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(2..=i64::from(MAX_NODES)))]
    nodes: u16,
    /// People, two devices each.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u16).range(3..=8))]
    people: u16,
    /// The folder of the run's own cluster and its records.
    #[arg(long, default_value = ".sotto/chaos")]
    folder: PathBuf,
    /// The first of its ports, 60 in a row.
    #[arg(long, default_value_t = 18_400)]
    port: u16,
    /// The program `sotto-dev`; by default the one beside this program.
    #[arg(long)]
    dev: Option<PathBuf>,
    /// Break a promise too, to see that it is found: `ack_before_commit`, `skip_dedupe`, `seq_from_sequence`,
    /// `delete_inbox_on_send`, `never_tail`.
    #[arg(long)]
    mutation: Option<String>,
    /// How long after a fault everything may take to arrive, milliseconds.
    #[arg(long, default_value_t = 5_000)]
    caught_up_ms: u64,
    /// Print the schedule and do nothing.
    #[arg(long)]
    dry: bool,
}

impl Args {
    fn lasts(&self) -> Duration {
        Duration::try_from_secs_f64(self.minutes * 60.0).unwrap_or(Duration::from_mins(2))
    }

    fn field(&self) -> Field {
        Field { nodes: self.nodes.into(), people: self.people.into() }
    }

    /// The command that runs the same again.
    fn replay(&self, seed: u64) -> String {
        let mut command = format!("make chaos SEED={seed} MINUTES={}", self.minutes);
        let mut more = Vec::new();
        if (self.nodes, self.people) != (3, 6) {
            more.push(format!("--nodes {} --people {}", self.nodes, self.people));
        }
        more.extend(self.mutation.as_ref().map(|mutation| format!("--mutation {mutation}")));
        if !more.is_empty() {
            command = format!("{command} ARGS='{}'", more.join(" "));
        }
        command
    }
}

/// Runs it. `false`: an invariant was broken.
pub async fn run(args: &Args) -> Outcome<bool> {
    let seed = args.seed.unwrap_or_else(|| rand::rng().random_range(0..1_000_000));
    let replay = args.replay(seed);
    println!("seed {seed}; again: {replay}");
    if args.dry {
        for step in schedule(seed, args.lasts(), args.field()) {
            println!("{}", serde_json::to_string(&step).context("a step")?);
        }
        return Ok(true);
    }
    let outcome = whole(args, seed, &replay).await;
    match &outcome {
        Ok(true) => println!("seed {seed}: every invariant held"),
        Ok(false) => println!("seed {seed}: an invariant was BROKEN; again: {replay}"),
        Err(failure) => println!("seed {seed}: the run could not be finished ({failure}); again: {replay}"),
    }
    outcome
}

async fn whole(args: &Args, seed: u64, replay: &str) -> Outcome<bool> {
    let dev = match &args.dev {
        Some(dev) => dev.clone(),
        None => std::env::current_exe().context("this program's path")?.with_file_name("sotto-dev"),
    };
    let folder = std::path::absolute(&args.folder).context(args.folder.display())?;
    let fills = rustix::process::geteuid().is_root();
    let place = Arc::new(Place::set(&dev, &folder.join("cluster"), Ports(args.port), args.nodes, fills).await?);
    let outcome = tokio::select! {
        outcome = on_place(args, seed, replay, &folder, &place) => outcome,
        () = interrupted() => Err(Failure::new("interrupted")),
    };
    let cleared = place.clear().await;
    let verdict = outcome?;
    cleared?;
    summary::print(&verdict);
    println!("{}", serde_json::to_string(&verdict).context("the verdict")?);
    Ok(verdict.clean)
}

async fn on_place(
    args: &Args,
    seed: u64,
    replay: &str,
    folder: &std::path::Path,
    place: &Arc<Place>,
) -> Outcome<Verdict> {
    let records = folder.join(format!("record-{seed}-{}", std::process::id()));
    let recording = Recording::in_folder(&records)?;
    println!("the record is in {}", records.display());
    let ways = |person, device| place.ways(person, device);
    let people = usize::from(args.people);
    let crew = Crew::arrive(&Plan { seed, people, ways: &ways, recording: Arc::clone(&recording) }).await?;
    crew.world.note(What::Run { seed, replay: replay.to_owned() });
    crew.meet().await?;
    crew.say_everywhere(1).await?;
    if !crew.settle(LAST_CALL).await {
        return Err(Failure::new("people could not even talk before anything was broken"));
    }
    for node in 0..usize::from(args.nodes) {
        place.switch(node, &Switches { mutation: args.mutation.clone(), ..Switches::default() })?;
    }
    let stage = Stage { place: Arc::clone(place), crew: Arc::clone(&crew), mutation: args.mutation.clone() };
    play(args, seed, &stage).await?;
    recording.flush();
    let history = recording.history(Clone::clone);
    let tables = Tables::read(&place.state.database_url, &Tables::wanted(&history)).await?;
    summary::catching_up(&history);
    Ok(judge(&history, Some(&tables), &Rules { caught_up: Duration::from_millis(args.caught_up_ms) }))
}

/// Talk and faults, then everything healed and arrived.
async fn play(args: &Args, seed: u64, stage: &Stage) -> Outcome<()> {
    let crew = &stage.crew;
    let (place, actor) = (Arc::clone(&stage.place), crew.world.clone());
    let sampler = tokio::spawn(async move {
        loop {
            processes::sample(&place, &actor).await;
            sleep(SAMPLE_EVERY).await;
        }
    });
    let begun = Instant::now();
    let talk = crew.talk(PAUSE);
    let mut rng = StdRng::seed_from_u64(seed);
    for step in schedule(seed, args.lasts(), args.field()) {
        // A fault may take longer than planned; the next one keeps its distance.
        let at = begun + Duration::from_millis(step.at_ms);
        sleep_until(at - SCATTER).await;
        crew.scatter(&mut rng).await;
        sleep_until(at).await;
        let (at, (open, missing)) = (begun.elapsed().as_secs_f32(), crew.open());
        println!("{at:6.1} s  {:?} for {} ms ({open} unanswered, {missing} not shown)", step.fault, step.lasts_ms);
        stage.play(&step).await?;
    }
    sleep_until(begun + args.lasts()).await;
    talk.end().await?;
    println!("{:6.1} s  everybody is silent", begun.elapsed().as_secs_f32());
    if !crew.settle(LAST_CALL).await {
        println!("not everything was answered and shown: {:?}", crew.open());
    }
    sampler.abort();
    crew.world.note(What::End {});
    Ok(())
}
