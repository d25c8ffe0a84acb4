//! How near two words are to each other, to tell a person what they may have meant.

/// Letters that are looked at; nobody means a longer word.
const LETTERS_MAX: usize = 64;

/// How many letters must be put in, taken out, changed or swapped with their neighbour to make one word of the other.
/// <https://en.wikipedia.org/wiki/Damerau-Levenshtein_distance>
pub fn distance(one: &str, other: &str) -> usize {
    let letters = |word: &str| word.chars().take(LETTERS_MAX).collect::<Vec<char>>();
    let (one, other) = (letters(one), letters(other));
    let mut rows = vec![vec![0; other.len() + 1]; one.len() + 1];
    for (index, row) in rows.iter_mut().enumerate() {
        row[0] = index;
    }
    rows[0] = (0..=other.len()).collect();
    for i in 1..=one.len() {
        for j in 1..=other.len() {
            let changed = usize::from(one[i - 1] != other[j - 1]);
            let mut least = (rows[i - 1][j] + 1)
                .min(rows[i][j - 1] + 1)
                .min(rows[i - 1][j - 1] + changed);
            if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = least;
        }
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_letters() {
        for (one, other, expected) in [
            ("nick", "nick", 0),
            ("nick", "nik", 1),
            ("", "abc", 3),
            ("address", "adress", 1),
            ("mgs", "msg", 1),
            ("café", "cafe", 1),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
    }
}
