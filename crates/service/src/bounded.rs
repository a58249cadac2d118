//! Maps that never grow beyond a bound: the entries longest unused are forgotten, half the map at a time.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, Hash, RandomState},
    mem,
};

use parking_lot::Mutex;

const SHARDS: usize = 16;

/// A sharded map of at most about `capacity` entries.
pub struct BoundedMap<K, V> {
    shards: Vec<Mutex<Generations<K, V>>>,
    hasher: RandomState,
    half: usize,
}

/// Entries move to `young` when used; a full `young` becomes `old`, and what was `old` is forgotten.
struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Hash + Eq, V> BoundedMap<K, V> {
    /// An empty map.
    pub fn new(capacity: usize) -> Self {
        let shard = || Mutex::new(Generations { young: HashMap::new(), old: HashMap::new() });
        Self {
            shards: (0..SHARDS).map(|_| shard()).collect(),
            hasher: RandomState::new(),
            half: (capacity / SHARDS / 2).max(1),
        }
    }

    /// Looks at the value of a key, or at what `default` makes, under the lock of its shard.
    pub fn update<R>(&self, key: K, default: impl FnOnce() -> V, work: impl FnOnce(&mut V) -> R) -> R {
        let mut shard = self.shard(&key).lock();
        let mut value = shard.take(&key).unwrap_or_else(default);
        let result = work(&mut value);
        shard.put(key, value, self.half);
        result
    }

    /// The value of a key.
    pub fn get(&self, key: K) -> Option<V>
    where
        V: Clone,
    {
        let mut shard = self.shard(&key).lock();
        let value = shard.take(&key)?;
        shard.put(key, value.clone(), self.half);
        Some(value)
    }

    /// Sets the value of a key.
    pub fn insert(&self, key: K, value: V) {
        self.shard(&key).lock().put(key, value, self.half);
    }

    #[expect(clippy::cast_possible_truncation, reason = "only the low bits choose the shard")]
    fn shard(&self, key: &K) -> &Mutex<Generations<K, V>> {
        &self.shards[self.hasher.hash_one(key) as usize % SHARDS]
    }
}

impl<K: Hash + Eq, V> Generations<K, V> {
    fn take(&mut self, key: &K) -> Option<V> {
        self.young.remove(key).or_else(|| self.old.remove(key))
    }

    fn put(&mut self, key: K, value: V, half: usize) {
        if self.young.len() >= half && !self.young.contains_key(&key) {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bounded_map_keeps_what_is_used_and_stays_within_its_bound() {
        let map = BoundedMap::new(320);
        map.insert(0, 'a');
        for key in 1..10_000 {
            map.insert(key, 'b');
            assert_eq!(map.get(0), Some('a'));
        }
        let size = |shard: &Mutex<Generations<_, _>>| {
            let shard = shard.lock();
            shard.young.len() + shard.old.len()
        };
        let kept: usize = map.shards.iter().map(size).sum();
        assert!(kept <= 320, "{kept}");
    }
}
