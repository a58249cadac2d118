//! Sorted maps and sets are what the standard library's trees are.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use sotto_identity::{SortedMap, SortedSet};

#[derive(Clone, Debug)]
enum Step {
    Insert(u8, i32),
    Remove(u8),
    OrInsert(u8, i32),
    PopFirst,
    RetainEven,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..30_u8, any::<i32>()).prop_map(|(key, value)| Step::Insert(key, value)),
        2 => (0..30_u8).prop_map(Step::Remove),
        2 => (0..30_u8, any::<i32>()).prop_map(|(key, value)| Step::OrInsert(key, value)),
        1 => Just(Step::PopFirst),
        1 => Just(Step::RetainEven),
    ];
    prop::collection::vec(step, 0..60)
}

proptest! {
    #[test]
    fn sorted_maps_do_as_trees_do(steps in steps(), first in 0..30_u8, last in 0..30_u8) {
        let (mut ours, mut tree) = (SortedMap::<u8, i32>::new(), BTreeMap::new());
        for step in steps {
            match step {
                Step::Insert(key, value) => prop_assert_eq!(ours.insert(key, value), tree.insert(key, value)),
                Step::Remove(key) => prop_assert_eq!(ours.remove(&key), tree.remove(&key)),
                Step::OrInsert(key, value) => {
                    prop_assert_eq!(*ours.or_insert(key, value), *tree.entry(key).or_insert(value));
                }
                Step::PopFirst => prop_assert_eq!(ours.pop_first(), tree.pop_first()),
                Step::RetainEven => {
                    ours.retain(|key, _| key % 2 == 0);
                    tree.retain(|key, _| key % 2 == 0);
                }
            }
            prop_assert!(ours.iter().eq(&tree));
            prop_assert_eq!((ours.get(&first), ours.len()), (tree.get(&first), tree.len()));
        }
        let between: Vec<_> = ours.between(&first, &last).collect();
        prop_assert_eq!(between, if first > last { vec![] } else { tree.range(first..=last).collect() });
        let text = sotto_json::to_string(&ours).unwrap();
        prop_assert_eq!(&text, &serde_json::to_string(&tree).unwrap());
        prop_assert_eq!(sotto_json::from_str::<SortedMap<u8, i32>>(&text).unwrap(), ours);
    }

    #[test]
    fn sorted_sets_do_as_trees_do(steps in steps(), first in 0..30_u8, last in 0..30_u8) {
        let (mut ours, mut tree) = (SortedSet::<u8>::new(), BTreeSet::new());
        for step in steps {
            match step {
                Step::Insert(key, _) | Step::OrInsert(key, _) => prop_assert_eq!(ours.insert(key), tree.insert(key)),
                Step::Remove(key) => prop_assert_eq!(ours.remove(&key), tree.remove(&key)),
                Step::PopFirst | Step::RetainEven => prop_assert_eq!(ours.pop_first(), tree.pop_first()),
            }
            prop_assert!(ours.iter().eq(&tree));
            prop_assert_eq!(ours.contains(&first), tree.contains(&first));
        }
        let between: Vec<_> = ours.between(&first, &last).collect();
        prop_assert_eq!(between, if first > last { vec![] } else { tree.range(first..=last).collect() });
        let text = serde_json::to_string(&tree).unwrap();
        prop_assert_eq!(sotto_json::to_string(&ours).unwrap(), text.clone());
        prop_assert_eq!(serde_json::from_str::<SortedSet<u8>>(&text).unwrap(), ours);
    }
}

#[test]
fn the_last_of_two_equal_keys_counts() {
    let map: SortedMap<u8, i32> = sotto_json::from_str(r#"{"2":1,"1":5,"2":3}"#).unwrap();
    assert!(map.iter().eq([(&1, &5), (&2, &3)]));
    let set: SortedSet<u8> = sotto_json::from_str("[3,1,3]").unwrap();
    assert!(set.iter().eq(&[1, 3]));
}
