//! Switches of the test build (feature `mutations`): promises broken on purpose, and points at which a node dies.
//!
//! They prove the checker. In every other build [`Faults`] is empty and nothing can be switched on.

#[cfg(feature = "mutations")]
mod patches;
#[cfg(feature = "mutations")]
mod switches;

#[cfg(feature = "mutations")]
pub use switches::Action;

/// A promise that a build could break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "mutations", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Mutation {
    /// Senders are answered before the transaction commits.
    AckBeforeCommit,
    /// A retry is stored again.
    SkipDedupe,
    /// Positions come from a sequence.
    SeqFromSequence,
    /// Inbox items are deleted when they are sent, not when the device has acknowledged them.
    DeleteInboxOnSend,
    /// Missed wakes are not looked for in the outbox.
    NeverTail,
}

/// Where a node may die.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "mutations", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Point {
    /// A batch is about to be stored.
    BeforeTransaction,
    /// It is on its way to PostgreSQL, which commits or not.
    BeforeCommit,
    /// It is committed; nobody knows.
    AfterCommit,
    /// Other nodes and the senders were told.
    AfterPublish,
}

/// The switches of a node. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    #[cfg(feature = "mutations")]
    switches: std::sync::Arc<switches::Switches>,
}

impl Faults {
    /// Whether this promise is broken.
    #[cfg_attr(not(feature = "mutations"), expect(unused_variables, reason = "never"))]
    pub fn mutates(&self, mutation: Mutation) -> bool {
        #[cfg(feature = "mutations")]
        return self.switches.mutation() == Some(mutation);
        #[cfg(not(feature = "mutations"))]
        false
    }

    /// Passes a point; what is armed there happens once.
    #[cfg_attr(not(feature = "mutations"), expect(unused_variables, clippy::unused_async, reason = "nothing happens"))]
    pub async fn at(&self, point: Point) {
        #[cfg(feature = "mutations")]
        self.switches.pass(point).await;
    }
}
