//! What is printed: plain sentences, or one JSON object a line.

use std::io::{IsTerminal as _, Write as _};

use serde_json::{Map, Value};

/// How to print.
#[derive(Clone, Copy, Debug)]
pub struct Show {
    json: bool,
    terminal: bool,
}

impl Show {
    pub fn new(json: bool) -> Self {
        Self { json, terminal: !json && std::io::stdout().is_terminal() }
    }

    pub fn is_json(self) -> bool {
        self.json
    }

    /// Whether a person looks at it and a line can be written over.
    pub fn is_terminal(self) -> bool {
        self.terminal
    }

    /// Tells something: `text` to people, `fields` with `type` to programs. Text that others wrote has to be
    /// [`crate::clean`].
    pub fn tell(self, kind: &str, text: &str, fields: Value) {
        if self.json {
            print(&format!("{}\n", object(kind, fields)));
        } else {
            print(&format!("{text}\n"));
        }
    }

    /// Tells something that people see otherwise.
    pub fn tell_program(self, kind: &str, fields: Value) {
        if self.json {
            print(&format!("{}\n", object(kind, fields)));
        }
    }

    /// Asks something; the answer is a line of the standard input.
    pub fn ask(self, what: &str, question: &str, fields: Value) {
        if self.json {
            let mut fields = object("ask", fields);
            fields["what"] = what.into();
            print(&format!("{fields}\n"));
        } else {
            print(&format!("{question} "));
        }
    }

    /// Writes over the current line of a terminal; shows nothing elsewhere.
    pub fn passing(self, text: &str) {
        if self.terminal {
            print(&format!("\r\x1b[K{text}"));
        }
    }

    /// Says what went wrong, and what to do next.
    pub fn fail(self, code: &str, text: &str, next: Option<&str>) {
        if self.json {
            print(&format!("{}\n", object("error", serde_json::json!({ "code": code, "text": text, "next": next }))));
            return;
        }
        let mut stderr = std::io::stderr();
        let _ = writeln!(stderr, "sotto-chat: {text}");
        if let Some(next) = next {
            let _ = writeln!(stderr, "  {next}");
        }
    }
}

fn object(kind: &str, fields: Value) -> Value {
    let mut object = Map::from_iter([("type".to_owned(), Value::from(kind))]);
    if let Value::Object(fields) = fields {
        object.extend(fields);
    }
    Value::Object(object)
}

/// A reader that went away is no reason to end in the middle of something.
fn print(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes());
    let _ = stdout.flush();
}
