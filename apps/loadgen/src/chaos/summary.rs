//! The verdict for people.

use crate::check::{History, Verdict};

/// One line an invariant, and the witnesses against it.
pub(super) fn print(verdict: &Verdict) {
    println!(
        "{} sent, {} acknowledged, {} refused, {} unknown for a while, {} shown, {} faults",
        verdict.sent, verdict.acked, verdict.refused, verdict.unknown, verdict.shown, verdict.faults
    );
    for finding in &verdict.invariants {
        let word = if finding.breaches == 0 { "held" } else { "BROKEN" };
        println!("{:>3}. {word:<7} {} ({} of {})", finding.invariant, finding.holds, finding.breaches, finding.checked);
        for witness in &finding.witnesses {
            println!("       {witness}");
        }
    }
}

/// How long after each fault's end the last message from before that was shown.
pub(super) fn catching_up(history: &History) {
    let mut worst: Vec<(&str, u64)> = Vec::new();
    for span in history.spans().iter().filter(|span| span.end_us != u64::MAX) {
        let late = history.messages().filter_map(|(id, message)| {
            let (conversation, _, _) = message.intent?;
            let acked_us = message.acks.iter().map(|(at_us, _)| *at_us).min().filter(|at| *at <= span.end_us)?;
            let shown = history.eligible(conversation, message.seq());
            let last =
                shown.filter(|window| window.since_us <= acked_us).filter_map(|w| history.shown_us(w.device, id));
            last.max().filter(|shown_us| *shown_us > span.end_us && acked_us + 60_000_000 > span.begin_us)
        });
        let late_us = late.max().map_or(0, |shown_us| shown_us - span.end_us);
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
