//! The verdict for people.

use crate::check::{History, Verdict};

/// One line an invariant, and the witnesses against it.
pub(super) fn print(verdict: &Verdict) {
    println!(
        "{} sent, {} acknowledged, {} refused, {} unknown for a while, {} shown, {} faults",
        verdict.sent, verdict.acked, verdict.refused, verdict.unknown, verdict.shown, verdict.faults
    );
    for text in &verdict.noticed {
        println!("noticed: {text}");
    }
    for finding in &verdict.invariants {
        let word = if finding.breaches == 0 { "held" } else { "BROKEN" };
        println!("{:>3}. {word:<7} {} ({} of {})", finding.invariant, finding.holds, finding.breaches, finding.checked);
        for witness in &finding.witnesses {
            println!("       {witness}");
        }
    }
}

/// Messages acknowledged so soon after a fault's end belong to it too: what it did may not be noticed yet.
const AFTERMATH_US: u64 = 6_000_000;

/// How long messages of each fault's time took to be shown everywhere, counted from its end or, if that was later, from
/// their acknowledgement.
pub(super) fn catching_up(history: &History) {
    let mut worst: Vec<(&str, u64)> = Vec::new();
    for span in history.spans().iter().filter(|span| span.end_us != u64::MAX) {
        let during = span.begin_us..=span.end_us + AFTERMATH_US;
        let late = history.messages().filter_map(|(id, message)| {
            let (conversation, _, _) = message.intent?;
            let acked_us = message.acks.iter().map(|(at_us, _)| *at_us).min().filter(|at_us| during.contains(at_us))?;
            let eligible = history.eligible(conversation, message.seq()).filter(|window| window.since_us <= acked_us);
            let last_us = eligible.filter_map(|window| history.shown_us(window.device, id)).max()?;
            Some(last_us.saturating_sub(acked_us.max(span.end_us)))
        });
        let late_us = late.max().unwrap_or(0);
        match worst.iter_mut().find(|(name, _)| *name == span.name) {
            Some((_, most)) => *most = late_us.max(*most),
            None => worst.push((&span.name, late_us)),
        }
    }
    println!("caught up after");
    for (name, late_us) in worst {
        println!("  {:>6} ms  {name}", late_us / 1_000);
    }
}
