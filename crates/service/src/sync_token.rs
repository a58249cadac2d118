//! The opaque `sync_token`: the database's epoch and a transaction id, so that a resume costs what is missing.

use sotto_store::sessions::Moment;

const VERSION: &str = "1";

/// The token of this moment. Forging one harms nobody but the forger, so it is not signed.
pub(crate) fn seal(moment: &Moment) -> String {
    format!("{VERSION}.{}.{}", moment.epoch.simple(), moment.position)
}

/// A token that a client showed: of whatever database and time.
pub(crate) struct Token<'a> {
    epoch: &'a str,
    /// A transaction id. A number and not what was sent: PostgreSQL reads texts in ways of its own (`010`).
    pub(crate) position: u64,
}

impl<'a> Token<'a> {
    /// `None`: it is none.
    pub(crate) fn parse(token: &'a str) -> Option<Self> {
        let mut parts = token.split('.');
        let (Some(VERSION), Some(epoch), Some(position), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        Some(Self { epoch, position: position.parse().ok()? })
    }

    /// Whether it is of this database (not of one that was restored since) and not from the future.
    pub(crate) fn is_of(&self, moment: &Moment) -> bool {
        self.epoch == moment.epoch.simple().to_string()
            && moment.position.parse::<u64>().is_ok_and(|now| self.position <= now)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use sotto_store::sessions::News;
    use uuid::Uuid;

    use super::*;

    fn moment(epoch: u128, position: &str) -> Moment {
        let news = News { inbox: false, unacked: false, conversations: false };
        Moment { epoch: Uuid::from_u128(epoch), position: position.to_owned(), heads: HashMap::new(), news }
    }

    #[test]
    fn a_token_of_this_database_and_the_past_opens_and_no_other() {
        let sealed = seal(&moment(1, "70"));
        let token = Token::parse(&sealed).unwrap();
        assert_eq!(token.position, 70);
        assert_eq!(Token::parse(&sealed.replace("70", "070")).unwrap().position, 70);
        assert!(token.is_of(&moment(1, "70")));
        assert!(token.is_of(&moment(1, "71")));
        assert!(!token.is_of(&moment(1, "69")), "from the future");
        assert!(!token.is_of(&moment(2, "71")), "of another database");
        for broken in ["", "1", &format!("{sealed}.1"), &sealed.replace("70", "x"), &sealed.replace("70", "-1")] {
            assert!(Token::parse(broken).is_none(), "{broken}");
        }
        assert!(!Token::parse("1.x.70").unwrap().is_of(&moment(1, "99")));
    }
}
