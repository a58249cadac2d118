//! 5. Positions have no holes.

use std::collections::BTreeMap;

use crate::check::{Evidence, Finding};

pub(super) fn hold(evidence: Evidence<'_>, finding: &mut Finding) {
    let Some(tables) = evidence.tables else { return };
    let mut newest = BTreeMap::new();
    for row in &tables.rows {
        let before = newest.insert(row.conversation, row.seq).unwrap_or(0);
        finding.look(row.seq == before + 1, || {
            format!("{} has {} after {before} in the database", row.conversation, row.seq)
        });
    }
    for (conversation, head) in &tables.heads {
        let last = newest.get(conversation).copied().unwrap_or(0);
        finding.look(last == *head, || format!("{conversation} counts {head} positions and holds {last}"));
    }
}

#[cfg(test)]
mod tests {
    use crate::check::fixture::{Talk, broken};

    #[test]
    fn a_position_that_nothing_has_is_a_breach() {
        let talk = Talk::default().sent(3).acked(3, 5).stored(3, 5).show(0, 5, 3).show(1, 5, 3);
        assert_eq!(broken(&talk), [5]);
    }

    #[test]
    fn a_counter_ahead_of_its_log_is_a_breach() {
        let mut talk = Talk::default();
        talk.tables.heads.values_mut().for_each(|head| *head += 1);
        assert_eq!(broken(&talk), [5]);
    }

    #[test]
    fn without_the_database_nothing_is_looked_at() {
        let verdict = Talk::default().judge_without_database();
        assert!(verdict.clean && verdict.invariants[4].checked == 0);
    }
}
