//! Message ids that say who sent what: run, worker, load and number, in the shape of a UUID.

use std::fmt::Write as _;

/// A message of some worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Txn {
    pub run: u32,
    pub worker: u16,
    /// Below 4,096.
    pub load: u16,
    /// Below 2^48.
    pub turn: u64,
}

impl Txn {
    /// As text, in place of what was there.
    pub fn write(self, out: &mut String) {
        let Self { run, worker, load, turn } = self;
        out.clear();
        // Writing to a string does not fail.
        let _ = write!(out, "{run:08x}-{worker:04x}-4{:03x}-8000-{:012x}", load & 0xfff, turn & 0xffff_ffff_ffff);
    }

    /// From text; `None` when it is not one of ours.
    pub fn read(text: &str) -> Option<Self> {
        let hex = |range: std::ops::Range<usize>| u64::from_str_radix(text.get(range)?, 16).ok();
        if text.len() != 36 || text.get(18..24)? != "-8000-" {
            return None;
        }
        Some(Self {
            run: u32::try_from(hex(0..8)?).ok()?,
            worker: u16::try_from(hex(9..13)?).ok()?,
            load: u16::try_from(hex(15..18)?).ok()?,
            turn: hex(24..36)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_uuid_and_comes_back() {
        let txn = Txn { run: 0xdead_beef, worker: 65_535, load: 4_095, turn: (1 << 48) - 1 };
        let mut text = String::new();
        txn.write(&mut text);
        assert_eq!(Txn::read(&text), Some(txn));
        assert_eq!(uuid::Uuid::parse_str(&text).unwrap().get_version_num(), 4);
        assert_eq!(uuid::Uuid::parse_str(&text).unwrap().to_string(), text);
    }

    #[test]
    fn other_ids_are_nobodys() {
        assert_eq!(Txn::read("6f0d1a58-77b4-4e0a-9d43-2f1d5a7f2c11"), None);
        assert_eq!(Txn::read("short"), None);
    }
}
