//! What a person types: lines, passwords, answers.

use std::io::IsTerminal as _;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use zeroize::Zeroizing;

use crate::{
    failure::{Failure, Outcome},
    show::Show,
};

/// The standard input. A thread of its own reads it, one line when one is wanted, so that nothing waits for it at the
/// end and passwords are not taken for lines.
pub struct Ask {
    requests: std::sync::mpsc::Sender<()>,
    lines: mpsc::UnboundedReceiver<Option<String>>,
    /// A line was asked for that nobody took yet.
    waiting: bool,
    ended: bool,
}

impl Ask {
    pub fn stdin() -> Self {
        let (requests, asked) = std::sync::mpsc::channel();
        let (told, lines) = mpsc::unbounded_channel();
        std::thread::spawn(move || {
            while asked.recv().is_ok() {
                let mut line = String::new();
                let read = std::io::stdin().read_line(&mut line).is_ok_and(|bytes| bytes > 0);
                let line = line.trim_end_matches('\n').trim_end_matches('\r');
                if told.send(read.then(|| line.to_owned())).is_err() {
                    return;
                }
            }
        });
        Self { requests, lines, waiting: false, ended: false }
    }

    /// The next line; `None` when there is none any more. May be given up and called again: no line is lost.
    pub async fn line(&mut self) -> Option<String> {
        if self.ended {
            return None;
        }
        if !self.waiting {
            self.waiting = self.requests.send(()).is_ok();
        }
        let line = self.lines.recv().await.flatten();
        self.waiting = false;
        self.ended = line.is_none();
        line
    }

    /// A line with something in it.
    async fn answer(&mut self, what: &'static str) -> Outcome<String> {
        loop {
            let line = self.line().await.ok_or(Failure::NoAnswer(what))?;
            // What is left of a pasted code is no answer.
            if line.chars().any(char::is_alphanumeric) {
                return Ok(line.trim().to_owned());
            }
        }
    }

    /// An answer in words.
    pub async fn text(&mut self, show: Show, what: &'static str, question: &str) -> Outcome<String> {
        show.ask(what, question, json!({}));
        self.answer(what).await
    }

    /// Yes or no.
    pub async fn yes(&mut self, show: Show, what: &'static str, question: &str, fields: Value) -> Outcome<bool> {
        show.ask(what, &format!("{question} [y/n]"), fields.clone());
        loop {
            if let Some(yes) = yes_or_no(&self.answer(what).await?) {
                return Ok(yes);
            }
            show.ask(what, "Please answer y or n:", fields.clone());
        }
    }

    /// The account's password: from `SOTTO_PASSWORD`, from the terminal without echo, or a line of what is piped in.
    pub async fn password(&mut self, show: Show) -> Outcome<Zeroizing<String>> {
        self.secret(show, "Password:").await
    }

    /// A password that is new: typed twice on a terminal.
    pub async fn new_password(&mut self, show: Show) -> Outcome<Zeroizing<String>> {
        let password = self.secret(show, "New password (8 characters or more):").await?;
        if hidden(show) && password != self.secret(show, "The same again:").await? {
            return Err(Failure::PasswordsDiffer);
        }
        Ok(password)
    }

    async fn secret(&mut self, show: Show, question: &'static str) -> Outcome<Zeroizing<String>> {
        if let Some(password) = from_environment() {
            return Ok(password);
        }
        if !hidden(show) {
            show.ask("password", question, json!({}));
            return self.line().await.map(Zeroizing::new).ok_or(Failure::NoAnswer("password"));
        }
        let typed = tokio::task::spawn_blocking(move || rpassword::prompt_password(format!("{question} "))).await;
        typed.ok().and_then(Result::ok).map(Zeroizing::new).ok_or(Failure::NoAnswer("password"))
    }
}

/// Whether a person types it, unseen.
fn hidden(show: Show) -> bool {
    !show.is_json() && from_environment().is_none() && std::io::stdin().is_terminal()
}

fn from_environment() -> Option<Zeroizing<String>> {
    std::env::var("SOTTO_PASSWORD").ok().filter(|password| !password.is_empty()).map(Zeroizing::new)
}

pub fn yes_or_no(answer: &str) -> Option<bool> {
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Some(true),
        "n" | "no" => Some(false),
        _ => None,
    }
}
