//! What must not repeat, drawn from random bits that the client was given.

use causette_proto::CompactString;

/// A source of numbers that look random. SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators".
#[derive(Clone, Debug)]
pub(crate) struct Draw {
    state: u64,
    labels: u64,
}

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            state: seed,
            labels: 0,
        }
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A label, which no other request of this run has. <https://ircv3.net/specs/extensions/labeled-response>
    pub(crate) fn label(&mut self) -> CompactString {
        self.labels += 1;
        compact(self.labels)
    }

    /// A name for one message that no other message of this person has, in all likelihood.
    pub(crate) fn nonce(&mut self) -> CompactString {
        compact(self.number())
    }
}

fn compact(mut number: u64) -> CompactString {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut text = CompactString::default();
    loop {
        text.push(char::from(DIGITS[(number % 32) as usize]));
        number /= 32;
        if number == 0 {
            return text;
        }
    }
}
