//! What every command works with.

use std::path::PathBuf;

use sotto_sdk::Settings;

use crate::{ask::Ask, cli::Options, home, home::Home, show::Show};

/// Where the server is when nobody says otherwise.
const SERVER: &str = "http://localhost:8080";

/// The options, the terminal.
pub struct Context {
    /// The device's folder.
    pub folder: PathBuf,
    /// Printing.
    pub show: Show,
    /// Asking.
    pub ask: Ask,
    server: Option<String>,
}

impl Context {
    pub fn new(options: Options) -> Self {
        let folder = options.home.unwrap_or_else(home::default_folder);
        Self { folder, show: Show::new(options.json), ask: Ask::stdin(), server: options.server }
    }

    /// The address of the server: as said now, else where the device lives.
    pub fn server(&self, home: &Home) -> String {
        self.server.clone().or_else(|| home.server()).unwrap_or_else(|| SERVER.to_owned())
    }

    /// The address of the server: as said now, else as a code says.
    pub fn server_or(&self, said: String) -> String {
        self.server.clone().unwrap_or(said)
    }

    /// How the client works.
    pub fn settings(&self, home: &Home) -> Settings {
        Settings::new(self.server(home))
    }
}
