//! What the coordinator wants, and when it is answered.

use std::io::{BufRead as _, BufReader, Read};

use super::{
    Worker,
    load::{Load, Stage},
    say,
};
use crate::{
    error::{Context, Outcome},
    load::plan::{Opening, Order, Reply},
};

/// Between two reports of progress.
const PROGRESS: u64 = 1_000_000_000;
/// What is spread over workers, or comes and goes, is given this long after the last answer.
const SETTLE: u64 = 2_000_000_000;

/// Orders that are being followed.
pub struct Orders {
    pub over: bool,
    pub opening: Option<Opening>,
    /// The next device to be opened, the first of this opening, and the end of it.
    pub next: usize,
    pub first: usize,
    pub end: usize,
    pub drop_at: Option<u64>,
    await_back: Option<u64>,
    progress_at: u64,
}

impl Orders {
    pub fn new(now: u64) -> Self {
        Self {
            over: false,
            opening: None,
            next: 0,
            first: 0,
            end: 0,
            drop_at: None,
            await_back: None,
            progress_at: now + PROGRESS,
        }
    }
}

impl Worker {
    /// Reads what is there, and takes it as whole lines: the coordinator writes them so.
    pub(super) fn take_orders(&mut self, input: &mut BufReader<impl Read>) -> Outcome<()> {
        loop {
            let mut line = String::new();
            if input.read_line(&mut line).context("the coordinator")? == 0 {
                self.orders.over = true;
                return Ok(());
            }
            self.follow(serde_json::from_str(&line).context("an order")?)?;
            if input.buffer().is_empty() {
                return Ok(());
            }
        }
    }

    fn follow(&mut self, order: Order) -> Outcome<()> {
        match order {
            Order::Connect(opening) => {
                self.orders.opening = Some(opening);
                self.orders.first = self.orders.next;
                self.orders.end = self.orders.next.saturating_add(opening.each).min(self.devices.len());
            }
            Order::Load(spec) => {
                self.mark_spread = spec.mark_spread_ns;
                self.sayer = super::Sayer::new(&mut self.rng, spec.bytes);
                self.load = Some(Load::new(*spec, self.number, &self.talks));
                self.begin_churn();
            }
            Order::Drop { at_ns } => self.orders.drop_at = Some(at_ns),
            Order::AwaitBack { until_ns } => self.orders.await_back = Some(until_ns),
            Order::Report => {
                let figures = self.tally();
                say(&Reply::Figures(Box::new(figures)))?;
            }
            Order::Disconnect => (0..self.devices.len()).for_each(|at| self.switch_off(at)),
            Order::Stop => self.orders.over = true,
        }
        Ok(())
    }

    /// Does what is due, and answers what is done.
    pub(super) fn follow_up(&mut self) -> Outcome<()> {
        if self.orders.drop_at.is_some_and(|at| at <= self.now) {
            self.orders.drop_at = None;
            self.drop_everybody();
        }
        if let Some(opening) = self.orders.opening
            && (opening.until_ns <= self.now || self.orders.next == self.orders.end && self.is_complete())
        {
            self.orders.opening = None;
            let figures = self.tally();
            say(&Reply::Connected(Box::new(figures)))?;
        }
        if self.orders.await_back.is_some_and(|until| until <= self.now || self.is_complete()) {
            self.orders.await_back = None;
            let figures = self.tally();
            say(&Reply::Back(Box::new(figures)))?;
        }
        self.end_churn();
        if self.load_is_over() {
            self.settle_load();
            let figures = self.tally();
            say(&Reply::Loaded(Box::new(figures)))?;
        }
        if self.orders.progress_at <= self.now {
            self.orders.progress_at = self.now + PROGRESS;
            let figures = self.progress();
            say(&Reply::Progress(Box::new(figures)))?;
        }
        Ok(())
    }

    fn load_is_over(&mut self) -> bool {
        let together = self.is_complete();
        match self.load.as_mut().map(|load| load.stage(self.now, SETTLE, together)) {
            Some(Stage::Over) => true,
            Some(Stage::OverUnlessLacking) => self.lacking() == 0,
            Some(Stage::Runs) | None => false,
        }
    }

    /// Whoever is wanted is live.
    fn is_complete(&self) -> bool {
        self.figures.absent == 0
    }
}
