//! The opaque `sync_token`: the database's epoch and a transaction id, so that a resume costs what is missing.

use sotto_store::sessions::Moment;

const VERSION: &str = "1";

/// The token of this moment. Forging one harms nobody but the forger, so it is not signed.
pub(crate) fn seal(moment: &Moment) -> String {
    format!("{VERSION}.{}.{}", moment.epoch.simple(), moment.position)
}

/// The position of a token; `None`, so everything, when it is of another database (a restore), from the future, or no
/// token at all.
pub(crate) fn open(token: &str, moment: &Moment) -> Option<String> {
    let mut parts = token.split('.');
    let (Some(VERSION), Some(epoch), Some(position), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let then: u64 = position.parse().ok()?;
    let now: u64 = moment.position.parse().ok()?;
    (epoch == moment.epoch.simple().to_string() && then <= now).then(|| position.to_owned())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn moment(epoch: u128, position: &str) -> Moment {
        Moment { epoch: Uuid::from_u128(epoch), position: position.to_owned(), heads: std::collections::HashMap::new() }
    }

    #[test]
    fn a_token_of_this_database_and_the_past_opens_and_no_other() {
        let token = seal(&moment(1, "70"));
        assert_eq!(open(&token, &moment(1, "70")).as_deref(), Some("70"));
        assert_eq!(open(&token, &moment(1, "71")).as_deref(), Some("70"));
        assert_eq!(open(&token, &moment(1, "69")), None, "from the future");
        assert_eq!(open(&token, &moment(2, "71")), None, "of another database");
        for broken in ["", "1", "2.x.70", &format!("{token}.1"), &token.replace("70", "x")] {
            assert_eq!(open(broken, &moment(1, "99")), None, "{broken}");
        }
    }
}
