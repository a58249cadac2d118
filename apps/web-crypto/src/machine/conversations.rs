//! Conversations: beginning them, their members and rosters.

use sotto_protocol::UserId;
use wasm_bindgen::prelude::*;

use crate::{
    codec::{Js, id, read, write, write_option},
    error::engine,
    machine::JsMachine,
};

#[wasm_bindgen(js_class = Machine)]
impl JsMachine {
    /// A `CreateConversationRequest`. `kind` is a `ConversationKind`, `others` a JSON array of ids. Errors:
    /// `UnknownUser`.
    #[wasm_bindgen(js_name = createConversation)]
    pub fn create_conversation(&self, conversation_id: &str, kind: &str, others: &str) -> Js<String> {
        let others: Vec<UserId> = read(others)?;
        let made = self.inner.create_conversation(id(conversation_id)?, read(kind)?, &others);
        write(&made.map_err(engine)?)
    }

    /// Somebody to bring in: a `NewMember`. `role` is a `Role`.
    #[wasm_bindgen(js_name = newMember)]
    pub fn new_member(&self, user_id: &str, role: &str) -> Js<String> {
        write(&self.inner.new_member(id(user_id)?, read(role)?).map_err(engine)?)
    }

    /// The next link of the membership chain for a `MembershipAction`: a `ChangeMembershipRequest`.
    #[wasm_bindgen(js_name = changeMembership)]
    pub fn change_membership(&self, conversation_id: &str, action: &str) -> Js<String> {
        write(&self.inner.change_membership(id(conversation_id)?, read(action)?).map_err(engine)?)
    }

    /// The membership as far as the chain is verified.
    pub fn membership(&self, conversation_id: &str) -> Js<Option<String>> {
        write_option(self.inner.membership(id(conversation_id)?))
    }

    /// What to fetch to know the current roster: a `RosterQuery`.
    #[wasm_bindgen(js_name = rosterQuery)]
    pub fn roster_query(&self, conversation_id: &str) -> Js<String> {
        write(&self.inner.roster_query(id(conversation_id)?))
    }

    /// The roster moved on.
    #[wasm_bindgen(js_name = rosterChanged)]
    pub fn roster_changed(&mut self, conversation_id: &str, roster_version: f64) -> Js<()> {
        self.inner.roster_changed(id(conversation_id)?, crate::codec::ms(roster_version));
        Ok(())
    }

    /// Takes over a `Roster`; gives a JSON array of people whose keys are needed before it is fed again.
    #[wasm_bindgen(js_name = receiveRoster)]
    pub fn receive_roster(&mut self, roster: &str) -> Js<String> {
        let roster = read(roster)?;
        write(&self.inner.receive_roster(roster).map_err(engine)?)
    }
}
