//! A queue in which nobody waits for the crowd of another: first each address has its turn, and at an address each name.

use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::hash::Hash;

/// What waits, in a line for each address, which has a line for each name.
#[derive(Debug)]
pub(crate) struct FairQueue<K, T> {
    lines: FxHashMap<K, Waiters<K, T>>,
    /// The addresses in the order of their turns.
    turns: VecDeque<K>,
    length: usize,
}

#[derive(Debug)]
struct Waiters<K, T> {
    names: FxHashMap<K, VecDeque<T>>,
    /// The names in the order of their turns.
    turns: VecDeque<K>,
    length: usize,
}

impl<K, T> Default for FairQueue<K, T> {
    fn default() -> Self {
        Self {
            lines: FxHashMap::default(),
            turns: VecDeque::new(),
            length: 0,
        }
    }
}

impl<K, T> Default for Waiters<K, T> {
    fn default() -> Self {
        Self {
            names: FxHashMap::default(),
            turns: VecDeque::new(),
            length: 0,
        }
    }
}

impl<K: Clone + Eq + Hash, T> FairQueue<K, T> {
    /// How much waits.
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// How much waits of one address.
    pub(crate) fn len_of(&self, address: &K) -> usize {
        self.lines.get(address).map_or(0, |line| line.length)
    }

    /// Puts something behind what waits for the same address and name.
    pub(crate) fn push(&mut self, address: K, name: K, item: T) {
        self.length += 1;
        if !self.lines.contains_key(&address) {
            self.turns.push_back(address.clone());
        }
        let line = self.lines.entry(address).or_default();
        line.length += 1;
        if !line.names.contains_key(&name) {
            line.turns.push_back(name.clone());
        }
        line.names.entry(name).or_default().push_back(item);
    }

    /// Takes what has its turn, of those that may: the first of the next name of the next address. Who may not yet keeps their
    /// place.
    pub(crate) fn take(&mut self, may: impl Fn(&K, &K, &T) -> bool) -> Option<T> {
        let lines = &mut self.lines;
        let mut turns = self.turns.iter().enumerate();
        let (place, taken) = turns.find_map(|(place, address)| {
            let line = lines.get_mut(address)?;
            let taken = line.take(|name, item| may(address, name, item))?;
            Some((place, taken))
        })?;
        self.length -= 1;
        let address = self.turns.remove(place)?;
        if self.lines.get(&address)?.length == 0 {
            self.lines.remove(&address);
        } else {
            self.turns.push_back(address);
        }
        Some(taken)
    }

    /// Takes out everything that is meant, in the order of the turns.
    pub(crate) fn extract(&mut self, meant: impl Fn(&T) -> bool) -> Vec<T> {
        let mut taken = Vec::new();
        for _ in 0..self.turns.len() {
            let Some(address) = self.turns.pop_front() else {
                break;
            };
            self.extract_of(&address, &meant, &mut taken);
            if self.lines.contains_key(&address) {
                self.turns.push_back(address);
            }
        }
        taken
    }

    /// Takes out what is meant of one address.
    pub(crate) fn remove(&mut self, address: &K, meant: impl Fn(&T) -> bool) {
        let mut taken = Vec::new();
        self.extract_of(address, &meant, &mut taken);
        if !taken.is_empty() && !self.lines.contains_key(address) {
            self.turns.retain(|turn| turn != address);
        }
    }

    fn extract_of(&mut self, address: &K, meant: &impl Fn(&T) -> bool, taken: &mut Vec<T>) {
        let Some(line) = self.lines.get_mut(address) else {
            return;
        };
        let before = taken.len();
        line.extract(meant, taken);
        self.length -= taken.len() - before;
        if line.length == 0 {
            self.lines.remove(address);
        }
    }
}

impl<K: Clone + Eq + Hash, T> Waiters<K, T> {
    fn take(&mut self, may: impl Fn(&K, &T) -> bool) -> Option<T> {
        let names = &mut self.names;
        let mut turns = self.turns.iter().enumerate();
        let (place, taken) = turns.find_map(|(place, name)| {
            let items = names.get_mut(name)?;
            let taken = items.pop_front_if(|item| may(name, item))?;
            Some((place, taken))
        })?;
        self.length -= 1;
        let name = self.turns.remove(place)?;
        if self.names.get(&name)?.is_empty() {
            self.names.remove(&name);
        } else {
            self.turns.push_back(name);
        }
        Some(taken)
    }

    fn extract(&mut self, meant: &impl Fn(&T) -> bool, taken: &mut Vec<T>) {
        let Self {
            names,
            turns,
            length,
        } = self;
        turns.retain(|name| {
            let Some(items) = names.get_mut(name) else {
                return false;
            };
            let (out, kept): (Vec<T>, Vec<T>) = items.drain(..).partition(meant);
            *length -= out.len();
            taken.extend(out);
            items.extend(kept);
            let stays = !items.is_empty();
            if !stays {
                names.remove(name);
            }
            stays
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(items: &[(&'static str, &'static str, u8)]) -> FairQueue<&'static str, u8> {
        let mut queue = FairQueue::default();
        for (address, name, item) in items {
            queue.push(*address, *name, *item);
        }
        queue
    }

    fn drain(queue: &mut FairQueue<&'static str, u8>) -> Vec<u8> {
        std::iter::from_fn(|| queue.take(|_, _, _| true)).collect()
    }

    #[test]
    fn addresses_have_their_turns_and_at_each_of_them_the_names() {
        let mut queue = queue(&[
            ("crowd", "a", 1),
            ("crowd", "a", 2),
            ("crowd", "a", 3),
            ("crowd", "b", 4),
            ("home", "c", 5),
        ]);
        assert_eq!(queue.len_of(&"crowd"), 4);
        assert_eq!(drain(&mut queue), [1, 5, 4, 2, 3]);
        assert_eq!((queue.len(), queue.turns.len()), (0, 0));
    }

    #[test]
    fn who_may_not_yet_loses_no_place_and_keeps_nobody_from_theirs() {
        let mut queue = queue(&[("one", "a", 1), ("one", "b", 2), ("two", "a", 3)]);
        assert_eq!(queue.take(|_, name, _| *name != "a"), Some(2));
        assert_eq!(queue.take(|_, name, _| *name != "a"), None);
        assert_eq!(queue.len(), 2);
        assert_eq!(drain(&mut queue), [3, 1]);
    }

    #[test]
    fn whose_turn_is_passed_over_has_it_next() {
        let mut queue = queue(&[
            ("one", "a", 1),
            ("two", "b", 2),
            ("two", "c", 3),
            ("two", "b", 4),
            ("three", "d", 5),
        ]);
        assert_eq!(queue.take(|_, name, _| !["a", "b"].contains(name)), Some(3));
        assert_eq!(drain(&mut queue), [1, 5, 2, 4]);
    }

    #[test]
    fn what_is_taken_out_leaves_the_rest_in_its_order() {
        let mut queue = queue(&[
            ("one", "a", 1),
            ("one", "a", 2),
            ("two", "b", 3),
            ("two", "c", 4),
        ]);
        assert_eq!(queue.extract(|item| *item == 1 || *item == 3), [1, 3]);
        queue.remove(&"two", |item| *item == 4);
        assert_eq!((queue.len(), queue.turns.len()), (1, 1));
        assert_eq!(drain(&mut queue), [2]);
    }
}
