//! One file a command.

mod chat;
mod conversations;
mod devices;
mod groups;
mod history;
mod link;
mod link_device;
mod messages;
mod recover;
mod recovery_key;
mod register;
mod sign_in;
mod sign_out;
mod status;
mod verify;

use self::verify::Said;
use crate::{
    cli::{Command, Group},
    context::Context,
    failure::Outcome,
};

/// Does what the command line says.
pub async fn run(context: &mut Context, command: Command) -> Outcome<()> {
    match command {
        Command::Register { name, device } => register::run(context, &name, device).await,
        Command::Link { way, device } => link::run(context, way, device).await,
        Command::LinkDevice { scan } => link_device::run(context, scan).await,
        Command::Devices => devices::list(context).await,
        Command::Rename { device, new_name } => devices::rename(context, &device, &new_name).await,
        Command::Revoke { device, yes } => devices::revoke(context, &device, yes).await,
        Command::SignIn => sign_in::run(context).await,
        Command::Chat { with, accept } => chat::run(context, &with, accept).await,
        Command::History { with } => history::run(context, &with).await,
        Command::Groups => groups::list(context).await,
        Command::Group(Group::Create { group, people }) => groups::create(context, &group, &people).await,
        Command::Group(Group::Add { group, people }) => groups::add(context, &group, &people).await,
        Command::Group(Group::Remove { group, person }) => groups::remove(context, &group, &person).await,
        Command::Group(Group::Leave { group }) => groups::leave(context, &group).await,
        Command::Recover { name, device } => recover::run(context, &name, device).await,
        Command::Status => status::run(context).await,
        Command::SignOut { others: false, yes } => sign_out::this_device(context, yes).await,
        Command::SignOut { others: true, yes } => sign_out::others(context, yes).await,
        Command::Verify { name, scan, same, accept_new_key, take_back } => {
            verify::run(context, &name, scan, Said { same, accept_new_key, take_back }).await
        }
        Command::RecoveryKey => recovery_key::replace(context).await,
        Command::NewIdentity { yes } => recovery_key::new_identity(context, yes).await,
    }
}
