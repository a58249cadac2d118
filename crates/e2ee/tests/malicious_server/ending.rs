//! What a linking left behind, on both sides.

use rand::{SeedableRng as _, rngs::StdRng};
use sotto_e2ee::{
    Machine,
    linking::{LinkFailure, Newcomer},
};

use crate::{
    Client,
    scene::{End, Scene, Side},
};

impl Scene {
    /// How it ended on a side.
    pub fn failure(&self, side: Side) -> &LinkFailure {
        match &self.ends[side as usize] {
            Some(End::Failed(failure)) => failure,
            other => panic!("{side:?} ended with {other:?}"),
        }
    }

    /// Whether the secrets were put into the slot.
    pub fn secrets_left(&self) -> bool {
        self.puts.iter().any(|(side, content)| *side == Side::Existing && content[1] == 6)
    }

    /// The new device's client, after it is in.
    pub fn newcomer(&mut self) -> Client {
        let machine = self.new.take().unwrap().into_machine().unwrap();
        let mut client = Client::new(machine, StdRng::seed_from_u64(77));
        client.query(&self.server, &[self.alice.user_id()]);
        client
    }
}

/// A device that signed in with a password and holds these records.
pub fn signed_in(records: impl IntoIterator<Item = (String, Vec<u8>)>) -> Newcomer {
    Newcomer::SignedIn(Box::new(Machine::load(records).unwrap()))
}
