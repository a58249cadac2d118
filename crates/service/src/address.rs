//! Ranges of IP addresses (CIDR, RFC 4632 and RFC 4291).

use std::{net::IpAddr, str::FromStr};

use serde::{Deserialize, Deserializer, de::Error as _};

/// `10.0.0.0/8`, `::1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IpRange {
    base: u128,
    mask: u128,
}

impl IpRange {
    /// Whether the address lies in the range; IPv4-mapped IPv6 addresses count as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        bits(address) & self.mask == self.base
    }
}

/// Every address as IPv6, IPv4 ones mapped.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

/// Who is counted as one: an IPv4 address, or the /64 of an IPv6 one, which is what one customer has.
pub fn subject(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("{:x}", v6.to_bits() >> 64),
    }
}

/// The network that an address is of, as far as people at one place share it: the /24 of an IPv4 address, the /56 of an
/// IPv6 one.
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => format!("4:{:x}", v4.to_bits() >> 8),
        IpAddr::V6(v6) => format!("6:{:x}", v6.to_bits() >> 72),
    }
}

impl FromStr for IpRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("`{text}` is not an address range such as 10.0.0.0/8");
        let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let full = if address.is_ipv4() { 32 } else { 128 };
        let length: u32 = length.map_or(Ok(full), str::parse).map_err(|_| wrong())?;
        if length > full {
            return Err(wrong());
        }
        let mask = u128::MAX.checked_shl(full - length).unwrap_or(0);
        Ok(Self { base: bits(address) & mask, mask })
    }
}

impl<'de> Deserialize<'de> for IpRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_what_their_prefix_says() {
        let inside = |range: &str, address: &str| range.parse::<IpRange>().unwrap().contains(address.parse().unwrap());
        assert!(inside("10.0.0.0/8", "10.255.1.2"));
        assert!(inside("10.0.0.0/8", "::ffff:10.1.1.1"));
        assert!(!inside("10.0.0.0/8", "11.0.0.1"));
        assert!(inside("127.0.0.1", "127.0.0.1"));
        assert!(!inside("127.0.0.1", "127.0.0.2"));
        assert!(inside("fd00::/8", "fd12::1"));
        assert!(!inside("0.0.0.0/0", "fd12::1"));
        assert!(inside("::/0", "9.9.9.9"));
        for wrong in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "host/8", "1.2.3.4/-1"] {
            assert!(wrong.parse::<IpRange>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn devices_at_one_place_share_a_network() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("192.0.2.7"), network("::ffff:192.0.2.200"));
        assert_ne!(network("192.0.2.7"), network("192.0.3.7"));
        assert_eq!(network("2001:db8:0:ab01::1"), network("2001:db8:0:abff::9"));
        assert_ne!(network("2001:db8:0:ab01::1"), network("2001:db8:0:ac01::1"));
    }

    #[test]
    fn one_customer_of_ipv6_is_one_subject() {
        let subject = |text: &str| subject(text.parse().unwrap());
        assert_eq!(subject("2001:db8:1:2::1"), subject("2001:db8:1:2:ffff::9"));
        assert_ne!(subject("2001:db8:1:2::1"), subject("2001:db8:1:3::1"));
        assert_eq!(subject("::ffff:1.2.3.4"), "1.2.3.4");
    }
}
