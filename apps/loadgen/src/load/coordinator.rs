//! The coordinator's side: starts workers, tells them what to do, puts together what they saw.

use std::{
    collections::BTreeMap,
    process::Stdio,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::mpsc,
};

use super::{
    figures::Figures,
    plan::{Order, Plan, Reply},
};
use crate::error::{Context, Failure, Outcome};

/// Between two lines of progress.
const TELL_EVERY: Duration = Duration::from_secs(5);
/// A worker that says nothing for so long has failed.
const SILENCE: Duration = Duration::from_mins(1);

/// Workers at work. They end when this does.
pub struct Workers {
    children: Vec<(Child, ChildStdin)>,
    replies: mpsc::Receiver<(u16, Reply)>,
    progress: BTreeMap<u16, Figures>,
    told: Instant,
    what: String,
}

impl Workers {
    /// Starts a worker for each plan; `what` stands before their progress.
    pub async fn start(what: &str, plans: Vec<Plan>) -> Outcome<Self> {
        let program = std::env::current_exe().context("this program's path")?;
        let (sender, replies) = mpsc::channel(1_024);
        let mut children = Vec::new();
        for plan in plans {
            let mut command = Command::new(&program);
            command.arg("worker").stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
            let mut child = command.spawn().context("a worker")?;
            let missing = || Failure::new("a worker without pipes");
            let mut input = child.stdin.take().ok_or_else(missing)?;
            let output = child.stdout.take().ok_or_else(missing)?;
            tokio::spawn(listen(plan.worker, output, sender.clone()));
            write(&mut input, &plan).await?;
            children.push((child, input));
        }
        let progress = BTreeMap::new();
        let mut workers = Self { children, replies, progress, told: Instant::now(), what: what.to_owned() };
        workers.gather(|reply| matches!(reply, Reply::Ready).then(Box::default)).await?;
        Ok(workers)
    }

    /// Process ids.
    pub fn pids(&self) -> Vec<i32> {
        self.children.iter().filter_map(|(child, _)| i32::try_from(child.id()?).ok()).collect()
    }

    /// Tells all of them the same.
    pub async fn tell(&mut self, order: &Order) -> Outcome<()> {
        for (_, input) in &mut self.children {
            write(input, order).await?;
        }
        Ok(())
    }

    /// Tells each its own.
    pub async fn tell_each(&mut self, orders: Vec<Order>) -> Outcome<()> {
        for ((_, input), order) in self.children.iter_mut().zip(orders) {
            write(input, &order).await?;
        }
        Ok(())
    }

    /// Connects everybody.
    pub async fn connect(&mut self, opening: super::plan::Opening) -> Outcome<Figures> {
        self.tell(&Order::Connect(opening)).await?;
        self.gather(|reply| if let Reply::Connected(figures) = reply { Some(figures) } else { None }).await
    }

    /// Connects as each worker is told.
    pub async fn connect_each(&mut self, openings: Vec<super::plan::Opening>) -> Outcome<Figures> {
        self.tell_each(openings.into_iter().map(Order::Connect).collect()).await?;
        self.gather(|reply| if let Reply::Connected(figures) = reply { Some(figures) } else { None }).await
    }

    /// Waits for the end of a load.
    pub async fn loaded(&mut self) -> Outcome<Figures> {
        self.gather(|reply| if let Reply::Loaded(figures) = reply { Some(figures) } else { None }).await
    }

    /// Waits until everybody is back.
    pub async fn back(&mut self, until_ns: u64) -> Outcome<Figures> {
        self.tell(&Order::AwaitBack { until_ns }).await?;
        self.gather(|reply| if let Reply::Back(figures) = reply { Some(figures) } else { None }).await
    }

    /// What was counted until now.
    pub async fn report(&mut self) -> Outcome<Figures> {
        self.tell(&Order::Report).await?;
        self.gather(|reply| if let Reply::Figures(figures) = reply { Some(figures) } else { None }).await
    }

    /// One answer of each, put together; progress is told meanwhile.
    async fn gather(&mut self, wanted: impl Fn(Reply) -> Option<Box<Figures>>) -> Outcome<Figures> {
        let mut sum = Figures::default();
        let mut missing = self.children.len();
        while missing > 0 {
            let next = tokio::time::timeout(SILENCE, self.replies.recv()).await.context("workers say nothing")?;
            let (worker, reply) = next.ok_or_else(|| Failure::new("the workers are gone"))?;
            match reply {
                Reply::Progress(figures) => {
                    self.progress.insert(worker, *figures);
                    self.tell_progress();
                }
                Reply::Failed(why) => return Err(Failure::new(format!("worker {worker}: {why}"))),
                reply => {
                    if let Some(figures) = wanted(reply) {
                        sum.merge(&figures);
                        missing -= 1;
                    }
                }
            }
        }
        Ok(sum)
    }

    fn tell_progress(&mut self) {
        if self.told.elapsed() < TELL_EVERY || self.progress.len() < self.children.len() {
            return;
        }
        self.told = Instant::now();
        let mut sum = Figures::default();
        self.progress.values().for_each(|figures| sum.merge(figures));
        let Figures { live, absent, gone, due, acked, delivered, refused, doubled, out_of_order, pings, .. } = sum;
        eprintln!(
            "  {}: {live} live, {absent} on their way, {gone} gone; {due} due, {acked} acknowledged, {refused} refused, \
             {delivered} delivered, {doubled} doubled, {out_of_order} out of order; {pings} pings",
            self.what
        );
    }

    /// Waits, and tells progress.
    pub async fn hold(&mut self, time: Duration) -> Outcome<()> {
        let end = tokio::time::Instant::now() + time;
        while let Ok(reply) = tokio::time::timeout_at(end, self.replies.recv()).await {
            match reply {
                Some((worker, Reply::Progress(figures))) => {
                    self.progress.insert(worker, *figures);
                    self.tell_progress();
                }
                Some((worker, Reply::Failed(why))) => return Err(Failure::new(format!("worker {worker}: {why}"))),
                Some(_) => {}
                None => return Err(Failure::new("the workers are gone")),
            }
        }
        Ok(())
    }

    /// Ends them.
    pub async fn stop(mut self) -> Outcome<()> {
        self.tell(&Order::Stop).await?;
        for (child, _) in &mut self.children {
            _ = tokio::time::timeout(Duration::from_secs(10), child.wait()).await;
        }
        Ok(())
    }
}

async fn write(input: &mut ChildStdin, line: &impl serde::Serialize) -> Outcome<()> {
    let mut text = serde_json::to_string(line).context("an order")?;
    text.push('\n');
    input.write_all(text.as_bytes()).await.context("a worker")
}

async fn listen(worker: u16, output: ChildStdout, replies: mpsc::Sender<(u16, Reply)>) {
    let mut lines = BufReader::new(output).lines();
    loop {
        let reply = match lines.next_line().await {
            Ok(Some(line)) => {
                serde_json::from_str(&line).unwrap_or_else(|error| Reply::Failed(format!("a line: {error}")))
            }
            Ok(None) => Reply::Failed("it ended".into()),
            Err(error) => Reply::Failed(error.to_string()),
        };
        let over = matches!(reply, Reply::Failed(_));
        if replies.send((worker, reply)).await.is_err() || over {
            return;
        }
    }
}
