//! The client of Sotto for Rust: one [`Client`] is one device of one person.
//!
//! It registers or signs in, keeps a WebSocket, encrypts and decrypts, and stores everything in one sealed file
//! before it tells, acknowledges or sends anything. Sends go into a durable queue and survive restarts, lost
//! connections and killed nodes; every message is shown once and in the conversation's order.
//!
//! ```no_run
//! use sotto_protocol::devices::{DeviceType, NewDevice};
//! use sotto_sdk::{Client, ClientEvent, MessageBody, Settings, Store};
//!
//! # async fn example(storage_key: [u8; 32]) -> sotto_sdk::SdkResult<()> {
//! let settings = Settings::new("http://localhost:8080");
//! let store = Store::open("alice.redb", storage_key, &*settings.environment)?;
//! let device = NewDevice { name: "Laptop".into(), device_type: DeviceType::Desktop };
//! let mut alice = Client::register(&settings, store, "alice", "correct horse", device).await?;
//! println!("keep this safe: {}", alice.recovery_key.to_text().as_str());
//!
//! let bob = alice.client.find_person("bob").await?;
//! let conversation = alice.client.create_direct(bob.user_id).await?;
//! alice.client.send(conversation, &MessageBody::text("Hello")).await?;
//! while let Some(event) = alice.events.recv().await {
//!     if let ClientEvent::Shown { message, .. } = event {
//!         println!("{}: {:?}", message.sender_user_id, message.body());
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Layers, each usable alone: [`http::Http`] (typed routes), [`socket`] (frames), [`Store`], [`Client`].

#![deny(missing_docs)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod backup;
mod client;
mod core;
mod driver;
mod ending;
pub mod endpoints;
mod environment;
mod error;
mod events;
mod flights;
mod frames;
mod history;
pub mod http;
mod linking;
mod marking;
mod messages;
mod profile;
mod receiving;
mod room;
mod run;
mod sending;
mod shared;
pub mod socket;
mod store;
mod tap;
mod upkeep;

pub use client::{Client, Registered, Running, Settings};
pub use environment::{Environment, SystemEnvironment};
pub use error::{SdkError, SdkResult};
pub use events::{ClientEvent, SignOutReason};
pub use linking::{LinkStep, Linked, Linking, QrPicture, service_of_code};
pub use messages::StoredMessage;
pub use sotto_e2ee::{Alarm, MessageBody, RecoveryKey, Trust, VerifyError, Warning, linking::LinkFailure};
pub use store::Store;
pub use tap::Tap;
