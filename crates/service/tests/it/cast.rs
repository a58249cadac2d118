//! People whose devices sign, put into the database as they are: no registration, no real keys.

use std::collections::BTreeMap;

use ed25519_dalek::{Signer as _, SigningKey};
use sotto_identity::{cross_key_id, device_key_id, sign};
use sotto_protocol::{
    Base64Bytes, ConversationId, DeviceId, TxnId, UserId,
    accounts::AccountType,
    conversations::MembershipResponse,
    devices::{DeviceType, NewDevice},
    events::InboxBody,
    keys::{ALGORITHM_MEGOLM, CrossSigningKey, DeviceKeys, KeyUsage, UserIdentity},
    membership::{ConversationKind, MembershipAction, MembershipChange, NewMember, Role},
    messages::{MegolmContent, SendMessage},
};
use sotto_service::{Entropy as _, ServiceResult, SystemEntropy, tokens::AccessClaims};
use sotto_store::{accounts, devices, inbox};
use time::OffsetDateTime;

use crate::world::World;

pub struct Person {
    pub user_id: UserId,
    pub device_id: DeviceId,
    pub master_key: String,
    pub key: SigningKey,
}

pub fn id() -> ConversationId {
    ConversationId(SystemEntropy.uuid())
}

fn key() -> SigningKey {
    let mut seed = [0; 32];
    SystemEntropy.fill(&mut seed);
    SigningKey::from_bytes(&seed)
}

fn public(key: &SigningKey) -> String {
    Base64Bytes(key.verifying_key().as_bytes().to_vec()).to_base64()
}

impl World {
    pub async fn people<const N: usize>(&self) -> [Person; N] {
        let mut people = Vec::new();
        for _ in 0..N {
            people.push(self.person().await);
        }
        people.try_into().unwrap_or_else(|_| unreachable!())
    }

    async fn person(&self) -> Person {
        let (user_id, master) = (UserId(SystemEntropy.uuid()), public(&key()));
        let cross = |usage| CrossSigningKey {
            user_id,
            usage: vec![usage],
            keys: BTreeMap::from([(cross_key_id(&master), master.clone())]),
            signatures: BTreeMap::new(),
        };
        let identity = UserIdentity {
            user_id,
            master_key: cross(KeyUsage::Master),
            self_signing_key: cross(KeyUsage::SelfSigning),
            lists: vec![],
            device_keys: vec![],
        };
        let mut conn = self.service.database.acquire().await.unwrap();
        let account = accounts::NewAccount {
            identity: &identity,
            username: &user_id.to_string(),
            password_hash: "",
            account_type: AccountType::Person,
            recovery_bundle: b"",
            now: OffsetDateTime::UNIX_EPOCH,
        };
        accounts::insert(&mut conn, &account).await.unwrap();
        drop(conn);
        let person = Person { user_id, device_id: DeviceId(SystemEntropy.uuid()), master_key: master, key: key() };
        self.add_device(&person).await;
        person
    }

    /// A further device of the same person.
    pub async fn device_of(&self, person: &Person) -> Person {
        let further = Person {
            device_id: DeviceId(SystemEntropy.uuid()),
            key: key(),
            master_key: person.master_key.clone(),
            user_id: person.user_id,
        };
        self.add_device(&further).await;
        further
    }

    async fn add_device(&self, person: &Person) {
        let keys = DeviceKeys {
            user_id: person.user_id,
            device_id: person.device_id,
            algorithms: vec![],
            keys: BTreeMap::from([(device_key_id(person.device_id), public(&person.key))]),
            signatures: BTreeMap::new(),
        };
        let device = NewDevice { name: "d".to_owned(), device_type: DeviceType::Desktop };
        let mut conn = self.service.database.acquire().await.unwrap();
        devices::put_verified(&mut conn, &keys, &device, OffsetDateTime::UNIX_EPOCH, None).await.unwrap();
        inbox::create(&mut conn, person.device_id).await.unwrap();
    }

    pub async fn create(
        &self,
        by: &Person,
        kind: ConversationKind,
        with: &[&Person],
    ) -> ServiceResult<MembershipResponse> {
        self.service.create_conversation(&by.claims(), &by.creates(id(), kind, with)).await
    }

    pub async fn direct(&self, by: &Person, with: &Person) -> ConversationId {
        self.create(by, ConversationKind::Direct, &[with]).await.unwrap().conversation_id
    }

    pub async fn group(&self, by: &Person, with: &[&Person]) -> ConversationId {
        self.create(by, ConversationKind::Group, with).await.unwrap().conversation_id
    }

    /// The next link of the chain, as this person's device would sign it.
    pub async fn link(
        &self,
        reader: &Person,
        by: &Person,
        id: ConversationId,
        act: MembershipAction,
    ) -> MembershipChange {
        let chain = self.service.roster(&reader.claims(), id, i64::MAX, 0).await.unwrap().chain;
        let head = chain.last().unwrap();
        let prev_hash = Some(sotto_identity::hash(head).unwrap());
        by.signs(id, head.index + 1, prev_hash, act)
    }

    pub async fn change(
        &self,
        by: &Person,
        id: ConversationId,
        act: MembershipAction,
    ) -> ServiceResult<MembershipResponse> {
        let link = self.link(by, by, id, act).await;
        self.service.change_membership(&by.claims(), id, &link).await
    }

    /// Sends for the current roster; answers the position.
    pub async fn say(&self, by: &Person, id: ConversationId) -> i64 {
        let roster_version = self.service.conversation(&by.claims(), id).await.unwrap().roster_version;
        self.send(by, id, roster_version).await.unwrap()
    }

    pub async fn send(&self, by: &Person, id: ConversationId, roster_version: i64) -> ServiceResult<i64> {
        let content = MegolmContent {
            algorithm: ALGORITHM_MEGOLM.to_owned(),
            session_id: vec![1; 32].into(),
            ciphertext: vec![1].into(),
        };
        let message = SendMessage {
            txn_id: TxnId(SystemEntropy.uuid()),
            prev_txn_id: None,
            roster_version,
            content,
            envelopes: vec![],
            expires_in_ms: None,
        };
        Ok(self.service.send_message(&by.claims(), id, message).await?.seq)
    }

    /// The first page of a device's inbox, as the device reads it.
    pub async fn inbox(&self, person: &Person) -> Vec<InboxBody> {
        let page = self.service.inbox(&person.claims(), 0).await.unwrap();
        page.items.into_iter().map(|item| item.body).collect()
    }
}

impl Person {
    pub fn claims(&self) -> AccessClaims {
        AccessClaims {
            user_id: self.user_id,
            device_id: self.device_id,
            token_generation: 0,
            verified: true,
            fresh_at_ms: None,
        }
    }

    pub fn comes_in(&self, role: Role) -> NewMember {
        NewMember { user_id: self.user_id, master_key: self.master_key.clone(), role }
    }

    pub fn creates(&self, id: ConversationId, kind: ConversationKind, with: &[&Person]) -> MembershipChange {
        let others = if kind == ConversationKind::Direct { Role::Admin } else { Role::Member };
        let mut members: Vec<NewMember> = with.iter().map(|person| person.comes_in(others)).collect();
        members.push(self.comes_in(Role::Admin));
        members.sort_by_key(|member| member.user_id);
        self.signs(id, 1, None, MembershipAction::Create { kind, members })
    }

    pub fn signs(
        &self,
        conversation_id: ConversationId,
        index: i64,
        prev_hash: Option<String>,
        action: MembershipAction,
    ) -> MembershipChange {
        let mut change = MembershipChange {
            conversation_id,
            index,
            prev_hash,
            action,
            actor_user_id: self.user_id,
            actor_device_id: self.device_id,
            signatures: BTreeMap::new(),
        };
        let by = device_key_id(self.device_id);
        sign(&mut change, self.user_id, &by, |bytes| self.key.sign(bytes).to_bytes()).unwrap();
        change
    }
}
