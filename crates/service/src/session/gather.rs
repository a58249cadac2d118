//! Asking together: while one statement is in flight the next questions gather, so a storm of them costs few.

use std::time::Duration;

use sotto_protocol::ProblemCode;
use sotto_store::StoreResult;
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use crate::ServiceResult;

/// Questions that may wait; beyond it whoever asks waits to be let in.
const WAITING: usize = 1_024;
/// A statement that takes longer is given up, so that one dead connection does not hold up everybody.
const DEADLINE: Duration = Duration::from_secs(3);

type Asked<Q, A> = (Q, oneshot::Sender<A>);

/// Gathers questions of one kind.
pub(crate) struct Gatherer<Q, A>(mpsc::Sender<Asked<Q, A>>);

impl<Q: Send + 'static, A: Send + 'static> Gatherer<Q, A> {
    /// Starts on the current runtime. `answer` gets at most `most` questions and answers each, in order.
    pub(crate) fn start<F>(most: usize, answer: impl Fn(Vec<Q>) -> F + Send + 'static) -> Self
    where
        F: Future<Output = StoreResult<Vec<A>>> + Send,
    {
        let (sender, mut waiting) = mpsc::channel::<Asked<Q, A>>(WAITING);
        tokio::spawn(async move {
            let mut asked = Vec::new();
            while waiting.recv_many(&mut asked, most).await > 0 {
                // Whoever has gone meanwhile needs no answer.
                asked.retain(|(_, asker)| !asker.is_closed());
                let (questions, askers): (Vec<Q>, Vec<_>) = asked.drain(..).unzip();
                if questions.is_empty() {
                    continue;
                }
                match timeout(DEADLINE, answer(questions)).await {
                    Ok(Ok(answers)) => askers.into_iter().zip(answers).for_each(|(asker, answer)| {
                        // It has gone.
                        drop(asker.send(answer));
                    }),
                    Ok(Err(error)) => tracing::warn!(%error, askers = askers.len(), "what sessions ask has no answer"),
                    Err(_) => tracing::warn!(askers = askers.len(), "what sessions ask takes too long"),
                }
            }
        });
        Self(sender)
    }

    /// Asks; the statement that answers begins after this call.
    ///
    /// # Errors
    /// `unavailable`: the database is.
    pub(crate) async fn ask(&self, question: Q) -> ServiceResult<A> {
        let (asker, answer) = oneshot::channel();
        let asked = self.0.send((question, asker)).await;
        match (asked, answer.await) {
            (Ok(()), Ok(answer)) => Ok(answer),
            _ => Err(ProblemCode::Unavailable.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use sotto_store::StoreError;
    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test]
    async fn questions_gather_while_others_are_answered() {
        let (begin, sizes) = (Arc::new(Semaphore::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (held, seen) = (Arc::clone(&begin), Arc::clone(&sizes));
        let gatherer = Arc::new(Gatherer::start(8, move |questions: Vec<u32>| {
            seen.lock().unwrap().push(questions.len());
            let held = Arc::clone(&held);
            async move {
                held.acquire().await.unwrap().forget();
                Ok(questions.into_iter().map(|question| question * 2).collect())
            }
        }));
        let ask = |question| {
            let gatherer = Arc::clone(&gatherer);
            tokio::spawn(async move { gatherer.ask(question).await.unwrap() })
        };
        let first = ask(1);
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
        let rest: Vec<_> = (2..14).map(ask).collect();
        tokio::task::yield_now().await;
        begin.add_permits(16);
        assert_eq!(first.await.unwrap(), 2);
        for (question, answer) in (2..).zip(rest) {
            assert_eq!(answer.await.unwrap(), question * 2);
        }
        assert_eq!(*sizes.lock().unwrap(), [1, 8, 4]);
    }

    #[tokio::test]
    async fn a_statement_that_fails_or_hangs_costs_only_those_who_asked() {
        let gatherer = Gatherer::start(8, |questions: Vec<u32>| async move {
            match questions[0] {
                0 => Err(StoreError::Overloaded),
                1 => std::future::pending().await,
                _ => Ok(questions),
            }
        });
        assert!(gatherer.ask(0).await.is_err());
        assert!(gatherer.ask(1).await.is_err());
        assert_eq!(gatherer.ask(2).await.unwrap(), 2);
    }
}
