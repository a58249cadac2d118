//! Turns: how many sessions work on something at once. The others wait in line, in order, and hold nothing.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::connection::{FrameSink, Gone};

/// A socket that is not ready after this gives its turn to others until it is.
const SOCKET_PATIENCE: Duration = Duration::from_millis(100);

/// The line was too long, or it took too long.
#[derive(Debug)]
pub struct Busy;

/// So many turns at once.
pub struct Gate {
    turns: Arc<Semaphore>,
    line: Arc<AtomicUsize>,
    longest: usize,
    patience: Duration,
}

/// A place in the line; dropping it leaves the line.
pub struct Place {
    turns: Arc<Semaphore>,
    line: Arc<AtomicUsize>,
    patience: Duration,
}

/// The right to work; dropping it lets the next one in.
pub struct Turn(#[expect(dead_code, reason = "held")] OwnedSemaphorePermit);

impl Gate {
    /// `turns` at once; at most `longest` stand in line, none for longer than `patience`.
    pub fn new(turns: usize, longest: usize, patience: Duration) -> Self {
        Self { turns: Arc::new(Semaphore::new(turns.max(1))), line: Arc::default(), longest, patience }
    }

    /// A place at the end of the line.
    ///
    /// # Errors
    /// [`Busy`]: it is too long.
    pub fn line_up(&self) -> Result<Place, Busy> {
        let stood = self.line.fetch_add(1, Ordering::AcqRel);
        let place = Place { turns: Arc::clone(&self.turns), line: Arc::clone(&self.line), patience: self.patience };
        if stood < self.longest { Ok(place) } else { Err(Busy) }
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// [`Busy`]: it did not come in time.
    pub async fn turn(&self) -> Result<Turn, Busy> {
        self.line_up()?.turn().await
    }
}

impl Place {
    /// Waits for the turn, without leaving the line before.
    ///
    /// # Errors
    /// [`Busy`]: it did not come in time.
    pub async fn turn(self) -> Result<Turn, Busy> {
        match timeout(self.patience, Arc::clone(&self.turns).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Turn(permit)),
            _ => Err(Busy),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.line.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A socket that is written to in a turn: while the peer does not read, somebody else has it.
pub struct InTurn<'a, S> {
    sink: &'a mut S,
    gate: &'a Gate,
    turn: Option<Turn>,
}

impl<'a, S: FrameSink + Send> InTurn<'a, S> {
    /// Waits for a turn.
    ///
    /// # Errors
    /// [`Busy`]: it did not come in time.
    pub async fn begin(gate: &'a Gate, sink: &'a mut S) -> Result<Self, Busy> {
        let turn = Some(gate.turn().await?);
        Ok(Self { sink, gate, turn })
    }
}

impl<S: FrameSink + Send> FrameSink for InTurn<'_, S> {
    async fn send(&mut self, frame: Bytes) -> Result<(), Gone> {
        let mut sending = pin!(self.sink.send(frame));
        if let Ok(outcome) = timeout(SOCKET_PATIENCE, &mut sending).await {
            return outcome;
        }
        self.turn = None;
        sending.await?;
        self.turn = Some(self.gate.turn().await.map_err(|Busy| Gone)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_line_is_bounded_and_nobody_waits_for_ever() {
        let gate = Gate::new(1, 2, Duration::from_millis(50));
        let turn = gate.turn().await.unwrap();
        let (first, second) = (gate.line_up().unwrap(), gate.line_up().unwrap());
        assert!(gate.line_up().is_err());
        drop(second);
        let again = gate.line_up().unwrap();
        assert!(first.turn().await.is_err(), "its patience is over");
        drop(turn);
        assert!(again.turn().await.is_ok());
        assert!(gate.turn().await.is_ok());
    }

    struct Slow(Arc<Semaphore>);

    impl FrameSink for Slow {
        async fn send(&mut self, _: Bytes) -> Result<(), Gone> {
            self.0.acquire().await.map_err(|_| Gone)?.forget();
            Ok(())
        }
    }

    #[tokio::test]
    async fn who_does_not_read_holds_up_nobody() {
        let gate = Gate::new(1, 9, Duration::from_secs(5));
        let ready = Arc::new(Semaphore::new(0));
        let mut slow = Slow(Arc::clone(&ready));
        let mut frozen = InTurn::begin(&gate, &mut slow).await.unwrap();
        let others = async {
            let turn = gate.turn().await.expect("the frozen one's");
            ready.add_permits(1);
            drop(turn);
        };
        let (sent, ()) = tokio::join!(frozen.send(Bytes::new()), others);
        assert!(sent.is_ok() && frozen.turn.is_some());
    }
}
