//! sotto-chat as a process with `--json`.

use std::{process::Stdio, time::Duration};

use serde_json::Value;
use sotto_testkit::TestCluster;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

pub const PASSWORD: &str = "correct horse battery";
/// The machine may be busy; a test fails after this instead of hanging.
const PATIENCE: Duration = Duration::from_secs(90);

/// A folder, which is (or becomes) a device.
pub struct Folder {
    folder: TempDir,
    server: String,
}

/// A process of it.
pub struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Lines<BufReader<ChildStdout>>,
    said: Vec<Value>,
}

/// How it ended.
pub struct Ended {
    pub code: i32,
    pub said: Vec<Value>,
}

impl Folder {
    pub fn new(cluster: &TestCluster, node: usize) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), server: cluster.url(node).to_owned() }
    }

    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Starts `sotto-chat --json <line>`.
    pub fn start(&self, line: &str) -> Process {
        self.start_with(line, Some(PASSWORD))
    }

    pub fn start_with(&self, line: &str, password: Option<&str>) -> Process {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sotto-chat"));
        command.arg("--json").args(line.split(' ')).env_remove("SOTTO_PASSWORD");
        command.env("SOTTO_CHAT_HOME", self.path("device")).env("SOTTO_SERVER", &self.server);
        command.envs(password.map(|password| ("SOTTO_PASSWORD", password)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        let stdin = child.stdin.take();
        Process { child, stdin, stdout, said: Vec::new() }
    }

    /// Runs a command to its end.
    pub async fn run(&self, line: &str) -> Ended {
        self.start(line).ends().await
    }

    /// Runs a command that has to do its work.
    pub async fn does(&self, line: &str) -> Vec<Value> {
        let ended = self.run(line).await;
        assert_eq!(ended.code, 0, "{line}: {:?}", ended.said);
        ended.said
    }
}

impl Process {
    /// Waits for the next object of this type.
    pub async fn says(&mut self, kind: &str) -> Value {
        self.says_that(kind, |_| true).await
    }

    /// Waits for the next object of this type that is as wanted.
    pub async fn says_that(&mut self, kind: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        while let Some(object) = self.next().await {
            if object["type"] == kind && wanted(&object) {
                return object;
            }
        }
        panic!("it never said {kind}: {:#?}", self.said)
    }

    /// Waits for a message with this text.
    pub async fn shows(&mut self, text: &str) -> Value {
        self.says_that("message", |message| message["body"]["text"] == text).await
    }

    /// Waits for this question.
    pub async fn asks(&mut self, what: &str) -> Value {
        self.says_that("ask", |question| question["what"] == what).await
    }

    /// Types a line.
    pub async fn types(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(format!("{line}\n").as_bytes()).await.unwrap();
        stdin.flush().await.unwrap();
    }

    /// Waits for the end; it gets no more lines.
    pub async fn ends(mut self) -> Ended {
        drop(self.stdin.take());
        while self.next().await.is_some() {}
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("it never ended").unwrap();
        Ended { code: status.code().unwrap(), said: self.said }
    }

    async fn next(&mut self) -> Option<Value> {
        let line = tokio::time::timeout(PATIENCE, self.stdout.next_line()).await;
        let line = line.unwrap_or_else(|_| panic!("it says nothing more: {:#?}", self.said)).unwrap()?;
        let object: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        self.said.push(object.clone());
        Some(object)
    }
}

impl Ended {
    /// It was refused with this code.
    pub fn refused(&self, code: &str) {
        let error = self.said.last().unwrap();
        assert_eq!(
            (self.code, error["type"].as_str(), error["code"].as_str()),
            (1, Some("error"), Some(code)),
            "{error}"
        );
    }
}

/// What was said of this type.
pub fn of_type<'a>(said: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a Value> {
    said.iter().filter(move |object| object["type"] == kind)
}

/// The text in a field.
pub fn text(object: &Value, field: &str) -> String {
    object[field].as_str().unwrap_or_else(|| panic!("no {field} in {object}")).to_owned()
}
