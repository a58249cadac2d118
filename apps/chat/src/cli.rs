//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// A client of Sotto for the terminal. One folder is one device: two folders, two devices.
#[derive(Debug, Parser)]
#[command(name = "sotto-chat", version, after_help = PASSWORDS)]
pub struct Cli {
    #[command(flatten)]
    pub options: Options,
    #[command(subcommand)]
    pub command: Command,
}

const PASSWORDS: &str = "Passwords are asked on the terminal without echo. Scripts set SOTTO_PASSWORD, or give it as a \
    line of the standard input.\nExit codes: 0 done, 1 refused or failed, 2 wrong usage.";

/// What every command takes.
#[derive(Debug, Args)]
pub struct Options {
    /// The folder of this device [~/.local/share/sotto-chat].
    #[arg(long, env = "SOTTO_CHAT_HOME", global = true)]
    pub home: Option<PathBuf>,
    /// The address of the server [the one of this device, or `http://localhost:8080`].
    #[arg(long, env = "SOTTO_SERVER", global = true)]
    pub server: Option<String>,
    /// Print one JSON object a line, for scripts; answers are read as lines.
    #[arg(long, global = true)]
    pub json: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make an account, with this folder as its first device.
    Register {
        /// 3 to 32 of a-z 0-9 _ . -, starting with a letter.
        name: String,
        #[command(flatten)]
        device: DeviceName,
    },
    /// Make this folder a further device of an account, with the help of one of its devices.
    Link {
        #[command(flatten)]
        way: LinkWay,
        #[command(flatten)]
        device: DeviceName,
    },
    /// Let a new device into this account: shows a code, or scans the one that the new device shows.
    LinkDevice {
        /// Scan the new device's code: a PNG, a file with the code as text, or - for pasted text.
        #[arg(long, value_name = "FILE")]
        scan: Option<PathBuf>,
    },
    /// List the devices of this account.
    Devices,
    /// Rename a device.
    Rename {
        /// Its name, or the beginning of its id.
        device: String,
        /// 1 to 64 characters.
        new_name: String,
    },
    /// Throw a device out of this account.
    Revoke {
        /// Its name, or the beginning of its id.
        device: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Sign this device in again, with the password.
    SignIn,
    /// Sign this device out, for good.
    SignOut {
        /// Throw out all other devices instead.
        #[arg(long)]
        others: bool,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Talk: each line is sent, what comes is shown. /help lists what else there is.
    Chat {
        #[command(flatten)]
        with: With,
        /// Accept a message request without asking.
        #[arg(long)]
        accept: bool,
    },
    /// Print the stored messages of a conversation.
    History {
        #[command(flatten)]
        with: With,
    },
    /// List groups.
    Groups,
    /// Make and change groups.
    #[command(subcommand)]
    Group(Group),
    /// Compare keys with somebody, so that nobody can be in between.
    Verify {
        /// The person's username.
        name: String,
        /// The person's code, shown on their screen: a PNG, a file with the code as text, or - for pasted text.
        #[arg(long, value_name = "FILE")]
        scan: Option<PathBuf>,
        /// Both of you compared the number, and it is the same.
        #[arg(long, conflicts_with = "scan")]
        same: bool,
        /// Go on with the person's new key, which you compared or know the reason of.
        #[arg(long, conflicts_with_all = ["scan", "same"])]
        accept_new_key: bool,
        /// Take it back that you compared, on all your devices.
        #[arg(long, conflicts_with_all = ["scan", "same", "accept_new_key"])]
        take_back: bool,
    },
    /// Get into an account with its recovery key, when no other device is left.
    Recover {
        /// The account's username.
        name: String,
        #[command(flatten)]
        device: DeviceName,
    },
    /// Replace the recovery key by a new one; the old one is asked for.
    RecoveryKey,
    /// Make a new identity, for who lost the recovery key.
    NewIdentity {
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Show which device this is and how it is.
    Status,
}

/// What the account's other devices see.
#[derive(Debug, Args)]
pub struct DeviceName {
    /// The name of this device.
    #[arg(long, default_value = "Terminal")]
    pub device_name: String,
}

/// How the two devices find each other.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct LinkWay {
    /// Show a code here and scan it with the other device.
    #[arg(long)]
    pub show: bool,
    /// Scan the other device's code: a PNG, a file with the code as text, or - for pasted text.
    #[arg(long, value_name = "FILE")]
    pub scan: Option<PathBuf>,
    /// Type the eight characters that the other device shows.
    #[arg(long, value_name = "XXXX-XXXX")]
    pub code: Option<String>,
}

/// With whom.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct With {
    /// A person's username.
    pub name: Option<String>,
    /// A group: its name, or the beginning of its id.
    #[arg(long)]
    pub group: Option<String>,
}

/// Groups.
#[derive(Debug, Subcommand)]
pub enum Group {
    /// Make a group.
    Create {
        /// What it is called.
        group: String,
        /// Usernames.
        #[arg(required = true)]
        people: Vec<String>,
    },
    /// Bring people into a group.
    Add {
        /// Its name, or the beginning of its id.
        group: String,
        /// Usernames.
        #[arg(required = true)]
        people: Vec<String>,
    },
    /// Take somebody out of a group.
    Remove {
        /// Its name, or the beginning of its id.
        group: String,
        /// A username.
        person: String,
    },
    /// Leave a group.
    Leave {
        /// Its name, or the beginning of its id.
        group: String,
    },
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::Cli;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn one_way_to_link_is_named_and_one_partner() {
        let parse = |line: &str| Cli::try_parse_from(line.split(' ')).is_ok();
        assert!(parse("sotto-chat link --show") && parse("sotto-chat link --scan - --home /tmp/x"));
        assert!(!parse("sotto-chat link") && !parse("sotto-chat link --show --code ABCD-EFGH"));
        assert!(parse("sotto-chat chat bob") && parse("sotto-chat chat --group team"));
        assert!(!parse("sotto-chat chat") && !parse("sotto-chat chat bob --group team"));
    }
}
