//! A linking on the terminal: its steps are shown, what the person types goes back. The same on both devices.

use std::time::Duration;

use serde_json::json;
use sotto_protocol::{Base64Bytes, devices::NewDevice};
use sotto_sdk::{LinkStep, Linking, QrPicture};
use tokio::time::Instant;

use crate::{
    ask::{Ask, yes_or_no},
    clean,
    failure::{Failure, Outcome},
    show::Show,
};

const UNREADABLE: &str = "\
This device is in your account, but the last message of the other one can't be read: no history comes with it. The \
account's keys come later, from the other device. Update both; if this device still can't link or back up anything, \
revoke it on the other one and link it again.";

/// What the person was asked.
enum Question {
    /// So many digits that the other device shows.
    Digits(usize),
    /// Whether the new device may come in; with or without the number that it shows.
    Approval { number: bool },
    /// Whether it gets the history.
    History { number: Option<String> },
}

/// Follows a linking to its end.
///
/// # Errors
/// Why it came to nothing.
pub async fn follow<T>(mut linking: Linking<T>, ask: &mut Ask, show: Show) -> Outcome<T> {
    let mut question = None;
    let mut ends = None;
    let mut second = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            step = linking.next() => match step {
                Some(step) => question = take(step, &mut ends, show).or(question),
                None => break,
            },
            line = ask.line(), if question.is_some() => {
                let line = line.ok_or(Failure::NoAnswer("answer"))?;
                question = question.and_then(|question| answer(&linking, question, &line, show));
            }
            _ = second.tick(), if ends.is_some() && question.is_none() => count_down(ends, show),
        }
    }
    show.passing("");
    Ok(linking.finish().await?)
}

/// Shows a step; gives the question that it asks.
fn take(step: LinkStep, ends: &mut Option<Instant>, show: Show) -> Option<Question> {
    show.passing("");
    match step {
        LinkStep::Show { qr, typed_code, life } => {
            *ends = Some(Instant::now() + life);
            show_code(&qr, typed_code.as_deref(), life, show);
        }
        LinkStep::ShowDigits(digits) => {
            *ends = None;
            show.tell("digits", &format!("Type this into the other device:  {digits}"), json!({ "digits": digits }));
        }
        LinkStep::AskDigits(count) => {
            *ends = None;
            return Some(ask_digits(count, show));
        }
        LinkStep::AskApproval { device, same_network, number } => {
            *ends = None;
            return Some(ask_approval(&device, same_network, number, show));
        }
        LinkStep::ShowAccount { username } => {
            let username = clean::line(&username);
            show.tell(
                "account",
                &format!("This device enters the account {username}."),
                json!({ "username": username }),
            );
        }
        LinkStep::Unreadable => show.tell("unreadable", UNREADABLE, json!({})),
        LinkStep::History { done, of } => show_history(done, of, show),
    }
    None
}

fn show_code(qr: &QrPicture, typed_code: Option<&str>, life: Duration, show: Show) {
    let picture = qr.to_terminal();
    let code = typed_code.map(|code| format!("Or type this there:  {code}\n")).unwrap_or_default();
    let seconds = life.as_secs();
    let good = if show.is_terminal() { String::new() } else { format!("Good for {seconds} seconds.\n") };
    let text = format!("Scan this with the other device:\n\n{picture}\n{code}{good}");
    let fields = json!({
        "qr": Base64Bytes(qr.bytes().to_vec()).to_base64(),
        "picture": picture,
        "typed_code": typed_code,
        "life_ms": seconds * 1000,
    });
    show.tell("code", text.trim_end(), fields);
}

fn count_down(ends: Option<Instant>, show: Show) {
    let left = ends.map(|ends| ends.saturating_duration_since(Instant::now()).as_secs()).unwrap_or_default();
    show.passing(&format!("Good for {}:{:02} more. Waiting for the other device ...", left / 60, left % 60));
}

fn ask_digits(count: u32, show: Show) -> Question {
    let text = format!("Type the {count} digits that the other device shows:");
    show.ask("digits", &text, json!({ "count": count }));
    Question::Digits(usize::try_from(count).unwrap_or_default())
}

fn ask_approval(device: &NewDevice, same_network: Option<bool>, number: bool, show: Show) -> Question {
    let place = match same_network {
        Some(true) => ", in the same network as this device",
        Some(false) => ", in ANOTHER network than this device",
        None => "",
    };
    let name = clean::line(&device.name);
    let wanted = if number { "type the 3 digits that it shows, or n" } else { "y/n" };
    let fields =
        json!({ "name": name, "device_type": device.device_type, "same_network": same_network, "number": number });
    show.ask("approval", &format!("Let \"{name}\" into your account{place}? [{wanted}]"), fields);
    Question::Approval { number }
}

fn show_history(done: u32, of: u32, show: Show) {
    show.passing(&format!("History: {done} of {of}"));
    show.tell_program("history", json!({ "done": done, "of": of }));
}

/// Takes the person's answer; gives the question that is still open, or the next one.
fn answer<T>(linking: &Linking<T>, question: Question, line: &str, show: Show) -> Option<Question> {
    let digits: String = line.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let is_number = |count| digits.len() == count && digits.bytes().all(|byte| byte.is_ascii_digit());
    match question {
        // The rest of a pasted code.
        question if !line.chars().any(char::is_alphanumeric) => return Some(question),
        Question::Digits(count) if is_number(count) => linking.type_digits(&digits),
        Question::Digits(count) => {
            show.ask("digits", &format!("{count} digits, please:"), json!({ "count": count }));
            return Some(Question::Digits(count));
        }
        Question::Approval { number: true } if is_number(3) => return Some(ask_history(Some(digits), show)),
        Question::Approval { number } => match yes_or_no(line) {
            Some(false) => linking.decline(),
            Some(true) if !number => return Some(ask_history(None, show)),
            _ => {
                show.ask("approval", "Please answer as asked, or n:", json!({ "number": number }));
                return Some(Question::Approval { number });
            }
        },
        Question::History { number } => match yes_or_no(line) {
            Some(history) => linking.approve(number.as_deref(), history),
            None => return Some(ask_history(number, show)),
        },
    }
    None
}

fn ask_history(number: Option<String>, show: Show) -> Question {
    show.ask("history", "Give it the messages that this device has, too? [y/n]", json!({}));
    Question::History { number }
}
